/// Finds which items of a list became which of another one.
package enum ListAlignment {
    /// The most pairs of items that are compared.
    private static let limit = 1_000_000

    /// Pairs the items of two lists in their order: as many as possible that are the same, then as many that are similar,
    /// then those that stand in the place of as many others.
    ///
    /// - Parameters:
    ///   - old: The one list.
    ///   - new: The other list.
    ///   - isSame: Whether two items are the same.
    ///   - isSimilar: Whether one may have become the other.
    /// - Returns: For each item of the new list the index in the old one; nil for one that was added.
    package static func pairs<Item>(
        _ old: [Item], _ new: [Item], isSame: (Item, Item) -> Bool, isSimilar: (Item, Item) -> Bool
    ) -> [Int?] {
        var pairs = [Int?](repeating: nil, count: new.count)
        let start = zip(old, new).prefix { isSame($0, $1) }.count
        for index in 0..<start { pairs[index] = index }
        if (old.count - start) * (new.count - start) <= limit {
            align(old[start...], new[start...], isSame, isSimilar, &pairs)
        }
        fillGaps(old.count, &pairs)
        return pairs
    }

    private static func align<Item>(
        _ old: ArraySlice<Item>, _ new: ArraySlice<Item>, _ isSame: (Item, Item) -> Bool,
        _ isSimilar: (Item, Item) -> Bool, _ pairs: inout [Int?]
    ) {
        let width = new.count + 1
        // The best score of what begins at two items, and whether these are paired in it.
        var scores = [Int](repeating: 0, count: (old.count + 1) * width)
        var isPaired = [Bool](repeating: false, count: scores.count)
        for row in stride(from: old.count - 1, through: 0, by: -1) {
            for column in stride(from: new.count - 1, through: 0, by: -1) {
                let (one, other) = (old[old.startIndex + row], new[new.startIndex + column])
                let place = row * width + column
                let score = isSame(one, other) ? 1 << 20 : isSimilar(one, other) ? 1 : 0
                let paired = scores[place + width + 1] + score
                scores[place] = max(scores[place + width], scores[place + 1])
                if score > 0, paired >= scores[place] {
                    (scores[place], isPaired[place]) = (paired, true)
                }
            }
        }
        var (row, column) = (0, 0)
        while row < old.count, column < new.count {
            let place = row * width + column
            if isPaired[place] {
                pairs[new.startIndex + column] = old.startIndex + row
                (row, column) = (row + 1, column + 1)
            } else if scores[place + width] >= scores[place + 1] {
                row += 1
            } else {
                column += 1
            }
        }
    }

    /// Pairs what is left between two pairs, where that is as much in both lists.
    private static func fillGaps(_ count: Int, _ pairs: inout [Int?]) {
        var (gap, next) = (0, 0)
        for index in 0...pairs.count {
            let pair = index < pairs.count ? pairs[index] : count
            guard let pair else { continue }
            if pair - next == index - gap {
                for place in gap..<index { pairs[place] = next + place - gap }
            }
            (gap, next) = (index + 1, pair + 1)
        }
    }
}
