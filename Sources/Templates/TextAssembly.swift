import Diagnostics

/// Puts a text together from stretches of others, of which each keeps its place.
struct TextAssembly {
    private var bytes: [UInt8] = []
    private var stretches: [TemplateText.Stretch] = []

    /// How many bytes there are so far.
    var count: Int { bytes.count }

    /// Adds a range of a text.
    mutating func append(_ range: Range<Int>, of reader: inout StretchReader) {
        guard !range.isEmpty else { return }
        reader.forEachStretch(of: range) { stretch in
            var moved = stretch
            moved.offset += bytes.count - range.lowerBound
            stretches.append(moved)
        }
        bytes += reader.source.bytes[range]
    }

    /// Adds a whole text.
    mutating func append(_ text: TemplateText) {
        var reader = StretchReader(text)
        append(0..<reader.source.bytes.count, of: &reader)
    }

    /// Takes the white space off the end, as far as it is behind an offset.
    mutating func trimEnd(to start: Int) {
        while bytes.count > start, let last = bytes.last, [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D].contains(last)
        {
            bytes.removeLast()
        }
        stretches.removeAll { $0.offset > bytes.count }
    }

    /// The text.
    ///
    /// - Parameter original: The text that it is made of, for where it begins when it is empty.
    /// - Returns: The text, with the places of its stretches.
    func text(from original: TemplateText) -> TemplateText {
        let first = stretches.first
        var text = TemplateText(
            String(decoding: bytes, as: UTF8.self), start: first?.start ?? original.start,
            indentation: first?.indentation ?? 0)
        text.decidesSyntax = original.decidesSyntax
        text.stretches = Array(stretches.dropFirst())
        return text
    }
}

/// Reads a text from its beginning to its end, in ranges with places.
struct StretchReader {
    let source: Source
    /// The stretches that begin behind the last range.
    private var stretches: ArraySlice<TemplateText.Stretch>
    private var places: PlaceFinder

    init(_ text: TemplateText) {
        stretches = text.stretches[...]
        source = Source(text.text)
        places = PlaceFinder(source, of: text)
    }

    /// The place of an offset, which is not before the last one asked for.
    mutating func place(at offset: Int) -> SourceLocation { places.place(at: offset) }

    /// Calls a function with each stretch of a range that is not before the last one, by offset in this text.
    fileprivate mutating func forEachStretch(
        of range: Range<Int>, _ take: (TemplateText.Stretch) -> Void
    ) {
        let place = places.place(at: range.lowerBound)
        take(.init(offset: range.lowerBound, start: place, indentation: places.indentation))
        stretches = stretches.drop { $0.offset <= range.lowerBound }
        while let stretch = stretches.first, stretch.offset < range.upperBound {
            take(stretch)
            stretches.removeFirst()
        }
    }
}
