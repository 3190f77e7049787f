/// The elements that only one of two lists has, found by Myers' greedy algorithm.
///
/// It takes time and memory by the square of how much the lists differ, so that it gives up beyond a number of
/// differences.
struct ShortestDifference {
    /// With more elements that only one list has, finding the fewest takes too long.
    static let mostDifferences = 1_500

    /// The indices of the elements that only the old list has.
    private(set) var removed: Set<Int> = []
    /// The indices of the elements that only the new list has.
    private(set) var added: Set<Int> = []

    /// Compares two lists; nil when they differ too much.
    init?<Element>(
        from old: [Element], to new: [Element], by areEquivalent: (Element, Element) -> Bool
    ) {
        guard let reached = Self.reached(old, new, areEquivalent) else { return nil }
        var (x, y) = (old.count, new.count)
        for distance in stride(from: reached.count - 1, to: 0, by: -1) {
            let previous = Self.previousDiagonal(x - y, distance, reached[distance])
            let previousX = reached[distance][previous]
            while x > previousX, y > previousX - previous { (x, y) = (x - 1, y - 1) }
            if y == previousX - previous {
                removed.insert(previousX)
            } else {
                added.insert(previousX - previous)
            }
            (x, y) = (previousX, previousX - previous)
        }
    }

    /// How far the old list is read on each diagonal, from `-distance` to `distance`.
    private struct Reach {
        private var values: [Int32]
        private let distance: Int

        init(_ distance: Int) {
            self.distance = distance
            values = Array(repeating: 0, count: 2 * distance + 1)
        }

        subscript(diagonal: Int) -> Int {
            get { Int(values[diagonal + distance]) }
            set { values[diagonal + distance] = Int32(truncatingIfNeeded: newValue) }
        }
    }

    private static func previousDiagonal(_ diagonal: Int, _ distance: Int, _ reach: Reach) -> Int {
        let isDown =
            diagonal == -distance || (diagonal != distance && reach[diagonal - 1] < reach[diagonal + 1])
        return isDown ? diagonal + 1 : diagonal - 1
    }

    /// What was reached before each number of differences, until both lists end; nil when that takes too many.
    private static func reached<Element>(
        _ old: [Element], _ new: [Element], _ areEquivalent: (Element, Element) -> Bool
    ) -> [Reach]? {
        var before = Reach(1)
        var all: [Reach] = []
        for distance in 0...mostDifferences {
            all.append(before)
            var now = Reach(distance + 1)
            for diagonal in stride(from: -distance, through: distance, by: 2) {
                let previous = previousDiagonal(diagonal, distance, before)
                var x = before[previous] + (previous < diagonal ? 1 : 0)
                while x < old.count, x - diagonal < new.count, areEquivalent(old[x], new[x - diagonal]) {
                    x += 1
                }
                if x >= old.count, x - diagonal >= new.count { return all }
                now[diagonal] = x
            }
            before = now
        }
        return nil
    }
}
