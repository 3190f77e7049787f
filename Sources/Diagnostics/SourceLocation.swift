package import Support

/// A place in a text file that the user wrote.
package struct SourceLocation: Hashable, Sendable, Comparable {
    /// The path as it is shown to the user.
    package var file: String
    /// The line, from 1.
    package var line: Int
    /// The column in Unicode scalars, from 1.
    package var column: Int

    /// A place in `file`.
    ///
    /// - Parameters:
    ///   - file: The path as it is shown to the user.
    ///   - line: The line, from 1.
    ///   - column: The column in Unicode scalars, from 1.
    package init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The place as it is printed, such as `jobs/agent.yaml:3:5`.
    package var text: String { "\(file.escapedForTerminal):\(line):\(column)" }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

extension SourceLocation {
    /// A position in a file.
    package init(file: String, at position: TextPosition) {
        self.init(file: file, line: position.line, column: position.column)
    }
}
