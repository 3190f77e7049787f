package import Diagnostics

/// A template, or one message of a chat prompt, and where it stands in its file.
package struct TemplateText: Sendable {
    /// The text.
    package var text: String
    /// The place of the text's first character.
    package var start: SourceLocation
    /// How many columns of the file stand before each line after the first, as in a YAML block scalar.
    package var indentation: Int

    /// A text at a place.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - start: The place of its first character.
    ///   - indentation: How many columns of the file stand before each line after the first.
    package init(_ text: String, start: SourceLocation, indentation: Int = 0) {
        self.text = text
        self.start = start
        self.indentation = indentation
    }
}

/// Turns offsets into places, in one walk over the text as long as the offsets grow.
struct PlaceFinder {
    private let bytes: [UInt8]
    private let text: TemplateText
    private var offset = 0
    private var place: SourceLocation

    init(_ source: Source, of text: TemplateText) {
        bytes = source.bytes
        self.text = text
        place = text.start
    }

    /// The place of the character at an offset that is not before the last one asked for.
    mutating func place(at target: Int) -> SourceLocation {
        while offset < min(target, bytes.count) {
            if bytes[offset] == UInt8(ascii: "\n") {
                place.line += 1
                place.column = 1 + text.indentation
            } else if !bytes[offset].isUTF8Continuation {
                place.column += 1
            }
            offset += 1
        }
        return place
    }
}
