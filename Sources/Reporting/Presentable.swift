package import Support

/// A value that a command shows: as text on a terminal, or as JSON.
package protocol Presentable: Sendable {
    /// The value in blocks of lines; none if there is nothing to show.
    ///
    /// - Parameter style: How to write them.
    /// - Returns: The blocks, in which user text is escaped.
    func blocks(_ style: TextStyle) -> [[String]]
    /// The value as JSON.
    var json: JSONValue { get }
}

extension Presentable {
    /// The value as text for a terminal.
    ///
    /// - Parameter style: How to write it.
    /// - Returns: Lines, each ended by a newline; empty if there is nothing to show.
    package func text(_ style: TextStyle) -> String { blocks(style).text }

    /// The value as JSON, ended by a newline, without characters that would control a terminal.
    package var jsonText: String { json.document.withoutWorkflowCommandsInJSON }
}
