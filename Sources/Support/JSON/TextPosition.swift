/// A position in a text: line and column, both from 1, the column in Unicode scalars.
package struct TextPosition: Hashable, Comparable, Sendable {
    /// The line.
    package var line = 1
    /// The column.
    package var column = 1

    /// A position.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The position of a byte in UTF-8 text whose lines end in `\n`.
    ///
    /// - Parameters:
    ///   - offset: The byte's index; the text's end when beyond it.
    ///   - text: The text.
    package init(ofByte offset: Int, in text: some Collection<UInt8>) {
        for byte in text.prefix(offset) { advance(over: byte) }
    }

    /// Moves past a byte of UTF-8.
    mutating func advance(over byte: UInt8) {
        if byte == UInt8(ascii: "\n") {
            self = TextPosition(line: line + 1, column: 1)
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
    }

    package static func < (left: TextPosition, right: TextPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
