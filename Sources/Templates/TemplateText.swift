package import Diagnostics

/// A template, or one message of a chat prompt, and where it is in its file.
package struct TemplateText: Sendable {
    /// The text.
    package var text: String
    /// Where the text begins.
    package var start: SourceLocation
    /// How far each line after the first is indented in the file, as in a YAML block scalar.
    package var indentation: Int

    /// A text at a place.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - start: Where it begins.
    ///   - indentation: How far each line after the first is indented in the file.
    package init(_ text: String, start: SourceLocation, indentation: Int = 0) {
        self.text = text
        self.start = start
        self.indentation = indentation
    }
}

/// Turns growing offsets into places, in one pass over the text.
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

    /// The place of the character at an offset, which is not before the last one asked for.
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
