import HTTPTypes

/// All endpoints there are. What is not here is answered with 404 `M_UNRECOGNIZED`, or 405 where another method is.
enum Endpoints {
    static let all: [any Endpoint.Type] =
        server + accounts + rooms + directories + history + users + sync + encryption + push + media

    /// By method and path.
    static let table: RouteTable<any Endpoint.Type> = {
        var table = RouteTable<any Endpoint.Type>()
        for endpoint in all {
            for path in endpoint.paths {
                for method in endpoint.methods { table.add(endpoint, method: method.rawValue, pattern: path) }
            }
        }
        return table
    }()

    private static let server: [any Endpoint.Type] = [
        GetVersions.self, GetCapabilities.self, GetWellKnownClient.self, GetThirdPartyProtocols.self, GetTurnServer.self,
    ]

    private static let accounts: [any Endpoint.Type] = [
        GetLoginFlows.self, PostLogin.self, PostRegister.self, GetRegisterAvailable.self, GetRegistrationTokenValidity.self,
        PostLogout.self, PostLogoutAll.self,
        GetWhoAmI.self, GetDevices.self, GetDevice.self, PutDevice.self, DeleteDevice.self, PostDeleteDevices.self,
        PostAccountPassword.self, PostAccountDeactivate.self, GetThirdPartyIDs.self,
    ]

    private static let rooms: [any Endpoint.Type] = [
        PostCreateRoom.self, PostJoinByIDOrAlias.self, PostJoin.self, PostLeave.self, PostForget.self, PostInvite.self,
        PostKick.self, PostBan.self, PostUnban.self, PutSendEvent.self, PutRedact.self, GetRoomState.self, GetStateEvent.self,
        PutStateEvent.self, GetRoomAliases.self, GetAlias.self, PutAlias.self, DeleteAlias.self,
        PutTyping.self, PostReceipt.self, PostReadMarkers.self,
    ]

    private static let history: [any Endpoint.Type] = [
        GetMembers.self, GetJoinedMembers.self, GetJoinedRooms.self, GetEvent.self, GetContext.self, GetRelations.self,
        GetMessages.self,
    ]

    private static let directories: [any Endpoint.Type] = [
        GetDirectoryVisibility.self, PutDirectoryVisibility.self, GetPublicRooms.self, PostPublicRooms.self,
        PostUserDirectorySearch.self,
    ]

    private static let users: [any Endpoint.Type] = [
        GetProfile.self, GetProfileField.self, PutProfileField.self, DeleteProfileField.self, PutPresenceStatus.self,
        GetPresenceStatus.self,
        GetOwnPresence.self, DeleteOwnPresence.self,
    ]

    private static let media: [any Endpoint.Type] = [
        PostUpload.self, PutUpload.self, PostCreateMedia.self, GetMediaConfig.self, GetDownload.self, GetDownloadAs.self,
        GetThumbnail.self, GetOldDownload.self, GetOldDownloadAs.self, GetOldThumbnail.self,
    ]

    private static let sync: [any Endpoint.Type] = [
        GetSync.self, PostPeek.self, PostUnpeek.self, PostPeekProfiles.self, PostFilter.self, GetFilter.self, GetAccountData.self,
        PutAccountData.self,
        GetRoomAccountData.self, PutRoomAccountData.self, GetTags.self, PutTag.self, DeleteTag.self,
    ]

    private static let push: [any Endpoint.Type] = [
        GetPushRules.self, GetGlobalPushRules.self, GetPushRulesOfKind.self, GetPushRule.self, PutPushRule.self,
        DeletePushRule.self, GetPushRuleEnabled.self, PutPushRuleEnabled.self, GetPushRuleActions.self, PutPushRuleActions.self,
        GetPushers.self, PostPushersSet.self, GetNotifications.self,
    ]

    private static let encryption: [any Endpoint.Type] = [
        PostKeysUpload.self, PostKeysQuery.self, PostKeysClaim.self, GetKeysChanges.self, PostDeviceSigningUpload.self,
        PostSignaturesUpload.self, PutSendToDevice.self, PostBackupVersion.self, GetCurrentBackupVersion.self,
        GetBackupVersion.self, PutBackupVersion.self, DeleteBackupVersion.self, PutBackupKeys.self, GetBackupKeys.self,
        DeleteBackupKeys.self,
    ]
}
