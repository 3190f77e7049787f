package import Prompts
import Support

/// The journal of a prompt's alias moves as JSON.
package enum AliasLogJSON {
    /// The journal as a JSON list, as the prompt's tag has it, ended by a newline.
    ///
    /// - Parameter log: The journal.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ log: AliasLog) -> String { JSONValue.array(log.entries.map(value)).document }

    private static func value(_ entry: AliasLog.Entry) -> JSONValue {
        .object([
            .init("alias", .string(entry.alias)), .init("from", JSONValue(entry.from)),
            .init("to", JSONValue(entry.to)), .init("at", .string(entry.at)),
            .init("by", JSONValue(entry.by)),
            .init("commit", JSONValue(entry.commit)), .init("job", JSONValue(entry.job)),
        ])
    }
}
