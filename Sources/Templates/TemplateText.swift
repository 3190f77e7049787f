package import Diagnostics

/// A template, or one message of a chat prompt, and where it is in its file.
package struct TemplateText: Sendable {
    /// A part of a text that does not follow in the same file on what is before it.
    package struct Stretch: Hashable, Sendable {
        /// The offset of its first byte in the text.
        package var offset: Int
        /// Where it begins.
        package var start: SourceLocation
        /// How far each of its lines after the first is indented in the file.
        package var indentation: Int
    }

    /// The text.
    package var text: String
    /// Where the text begins.
    package var start: SourceLocation
    /// How far each line after the first is indented in the file, as in a YAML block scalar.
    package var indentation: Int
    /// Whether MLflow renders the prompt with Jinja2 where this text looks like it; not so for a part of a content.
    package var decidesSyntax = true
    /// What of the text comes from elsewhere than what is before it, by offset.
    package internal(set) var stretches: [Stretch] = []

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

    /// The line of the whole text, from 1, that each stretch begins on, and whether it begins within it.
    package var stretchLines: [(line: Int, isInLine: Bool)] {
        var places = PlaceFinder(Source(text), of: TemplateText("", start: SourceLocation(file: "")))
        return stretches.map { stretch in
            let place = places.place(at: stretch.offset)
            return (place.line, place.column > 1)
        }
    }
}

/// Turns growing offsets into places, in one pass over the text.
struct PlaceFinder {
    private let source: Source
    /// How far the lines are indented at the last place.
    private(set) var indentation: Int
    private var stretches: ArraySlice<TemplateText.Stretch>
    private var offset = 0
    private var place: SourceLocation

    init(_ source: Source, of text: TemplateText) {
        self.source = source
        place = text.start
        indentation = text.indentation
        stretches = text.stretches[...]
    }

    /// The place of the character at an offset, which is not before the last one asked for.
    mutating func place(at target: Int) -> SourceLocation {
        let target = min(target, source.bytes.count)
        while let stretch = stretches.first, stretch.offset <= target {
            stretches.removeFirst()
            (offset, place, indentation) = (stretch.offset, stretch.start, stretch.indentation)
        }
        while let end = source.offset(of: UInt8(ascii: "\n"), from: offset, to: target) {
            place.line += 1
            place.column = 1 + indentation
            offset = end + 1
        }
        place.column += source.bytes[offset..<max(offset, target)].count { !$0.isUTF8Continuation }
        offset = max(offset, target)
        return place
    }
}
