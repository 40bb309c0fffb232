/// The reference of all settings as Markdown: what `docs/configuration.md` holds and `hearth config-reference` prints.
public enum SettingsDocument {
    public static func render() -> String {
        var text = opening
        var group = ""
        for definition in SettingsTable.all {
            if group != definition.group {
                group = String(definition.group)
                text += "\n## \(group)\n\n| key | takes | default | what it does |\n|---|---|---|---|\n"
            }
            let standard = definition.defaultText.isEmpty ? "not set" : "`\(definition.defaultText)`"
            text += "| `\(definition.key)` | \(definition.type) | \(standard) | \(definition.text) |\n"
        }
        return text
    }

    private static let opening = """
        # Configuration

        This page is written by `hearth config-reference`; the table it comes from is `SettingsTable` in the source.

        Hearth starts without any configuration. A setting is looked for in this order, and the first place that has it wins:

        1. the command line: `--set KEY=VALUE`, as often as needed; `--server-name`, `--listen`, `--data` and `--open-registration`
           are short for `server.name`, `listen.address`, `data.directory` and `registration.open=true`;
        2. the environment: `HEARTH_` and the key in capitals with `_` for `.`, such as `HEARTH_PRESENCE_SETTLE=2s`;
        3. the YAML file named with `--config`;
        4. the default.

        In the file, the part of a key before the dot is a section:

        ```yaml
        server:
          name: example.org
        presence:
          audience: local
          settle: 5s
        listen:
          trusted_proxies: [127.0.0.1, "10.0.0.0/8"]
        ```

        A duration is a whole number with one of the units `ms`, `s`, `m`, `h`, `d`: `500ms`, `60s`, `5m`, `24h`, `7d`; or a plain `0`.
        An unknown key or a value out of range stops the start with a sentence. `presence.device_grace`, `presence.busy_device_grace`
        and `presence.reachable_for` must not decrease in this order.

        """
}
