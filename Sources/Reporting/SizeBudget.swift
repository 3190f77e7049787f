/// How much of something still fits.
struct SizeBudget {
    /// How many pieces.
    private var pieces: Int
    /// How many bytes.
    private var bytes: Int

    /// Room for so many pieces with so many bytes altogether.
    init(pieces: Int = .max, bytes: Int) {
        self.pieces = pieces
        self.bytes = bytes
    }

    /// Takes the room that a text needs.
    ///
    /// - Parameter text: The text.
    /// - Returns: Whether there was so much room; if not, none is left for anything after it.
    mutating func takes(_ text: String) -> Bool { takes(bytes: text.utf8.count) }

    /// Takes the room that so many bytes need.
    ///
    /// - Parameter count: The number of bytes.
    /// - Returns: Whether there was so much room; if not, none is left for anything after it.
    mutating func takes(bytes count: Int) -> Bool {
        guard pieces > 0, count <= bytes else {
            pieces = 0
            return false
        }
        pieces -= 1
        bytes -= count
        return true
    }
}
