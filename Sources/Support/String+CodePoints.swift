extension String {
    /// Whether two texts have the same code points; Swift's own equality takes two spellings of é for the same.
    package func isIdentical(to other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (one, two) = (self, other)
        return one.withUTF8 { left in two.withUTF8 { right in left.elementsEqual(right) } }
    }
}

extension String {
    /// Whether it holds a character such as a line break, which neither an address nor a header may have.
    package var hasControlCharacter: Bool {
        unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }
}

extension Array<UInt8> {
    /// The first byte that is not UTF-8; nil when all are.
    package var firstInvalidByte: Int? {
        do {
            _ = try UTF8Span(validating: span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
