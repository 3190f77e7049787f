package import Prompts
import YAML

/// The journal of a prompt's alias moves as JSON.
package enum AliasLogJSON {
    /// The journal as a JSON list, newest move first, ended by a newline.
    ///
    /// - Parameter log: The journal.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ log: AliasLog) -> String {
        let moves = log.entries.map { entry in
            JSONText([
                "alias": entry.alias, "from": entry.from, "to": entry.to, "at": entry.at, "by": entry.by,
                "commit": entry.commit, "job": entry.job, "rollback": entry.isRollback ?? false,
            ])
        }
        return JSONText.array(moves).document
    }
}
