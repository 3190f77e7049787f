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
