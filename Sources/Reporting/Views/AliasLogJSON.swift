package import Prompts
import YAML

/// The journal of a prompt's alias moves as JSON.
package enum AliasLogJSON {
    /// The journal as a JSON list, as the prompt's tag has it, ended by a newline.
    ///
    /// - Parameter log: The journal.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ log: AliasLog) -> String { JSONText.array(log.entries.map(value)).document }

    private static func value(_ entry: AliasLog.Entry) -> JSONText {
        .object([
            .init("alias", .string(entry.alias)), .init("from", JSONText(entry.from)),
            .init("to", JSONText(entry.to)), .init("at", .string(entry.at)), .init("by", JSONText(entry.by)),
            .init("commit", JSONText(entry.commit)), .init("job", JSONText(entry.job)),
        ])
    }
}
