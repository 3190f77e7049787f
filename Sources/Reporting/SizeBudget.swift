/// The room that is left in a text.
struct SizeBudget: Sendable {
    private var pieces: Int
    private var bytes: Int

    /// Room for so many pieces with so many bytes in total.
    init(pieces: Int = .max, bytes: Int) {
        self.pieces = pieces
        self.bytes = bytes
    }

    /// Takes the room that a text needs; returns false if there is not enough, after which there is none.
    mutating func takes(_ text: String) -> Bool { takes(bytes: text.utf8.count) }

    /// Takes the room that so many bytes need; returns false if there is not enough, after which there is none.
    mutating func takes(bytes count: Int) -> Bool {
        guard pieces > 0, count <= bytes else {
            pieces = 0
            return false
        }
        pieces -= 1
        bytes -= count
        return true
    }

    /// The first texts, as many as there is room for.
    func prefix(of texts: some Sequence<String>) -> [String] {
        var room = self
        return texts.prefix { room.takes($0) }
    }
}
