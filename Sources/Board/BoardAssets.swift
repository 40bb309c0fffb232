/// Every file of the page. `index.html` is served at `/`, the others below `/board/`.
enum BoardAssets {
    static let all =
        [
            BoardAsset("index.html", PackageResources.index_html, at: "/"),
            BoardAsset("board.css", PackageResources.board_css),
            BoardAsset("icon.svg", PackageResources.icon_svg),
        ] + scripts

    private static let scripts = [
        BoardAsset("accounts.js", PackageResources.accounts_js),
        BoardAsset("admin.js", PackageResources.admin_js),
        BoardAsset("announcer.js", PackageResources.announcer_js),
        BoardAsset("api.js", PackageResources.api_js),
        BoardAsset("attention.js", PackageResources.attention_js),
        BoardAsset("audience.js", PackageResources.audience_js),
        BoardAsset("avatars.js", PackageResources.avatars_js),
        BoardAsset("board.js", PackageResources.board_js),
        BoardAsset("dom.js", PackageResources.dom_js),
        BoardAsset("finding.js", PackageResources.finding_js),
        BoardAsset("fold.js", PackageResources.fold_js),
        BoardAsset("ignored.js", PackageResources.ignored_js),
        BoardAsset("list.js", PackageResources.list_js),
        BoardAsset("login.js", PackageResources.login_js),
        BoardAsset("own.js", PackageResources.own_js),
        BoardAsset("peeks.js", PackageResources.peeks_js),
        BoardAsset("people.js", PackageResources.people_js),
        BoardAsset("policy.js", PackageResources.policy_js),
        BoardAsset("profile.js", PackageResources.profile_js),
        BoardAsset("rooms.js", PackageResources.rooms_js),
        BoardAsset("row.js", PackageResources.row_js),
        BoardAsset("session.js", PackageResources.session_js),
        BoardAsset("status.js", PackageResources.status_js),
        BoardAsset("sync.js", PackageResources.sync_js),
        BoardAsset("text.js", PackageResources.text_js),
        BoardAsset("tokens.js", PackageResources.tokens_js),
        BoardAsset("views.js", PackageResources.views_js),
        BoardAsset("when.js", PackageResources.when_js),
        BoardAsset("words.js", PackageResources.words_js),
    ]
}
