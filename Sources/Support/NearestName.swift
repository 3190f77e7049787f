/// A "did you mean" hint with the name nearest to what the user wrote; nil where no name is near.
package func didYouMean(_ word: String, in names: some Sequence<String>) -> String? {
    nearestName(to: word, in: names).map { "did you mean '\($0)'?" }
}

/// The name nearest to what the user wrote, for a "did you mean" hint.
///
/// - Parameters:
///   - word: What the user wrote.
///   - names: The names that exist.
/// - Returns: The name with the fewest edits (insert, delete, replace, swap of neighbours), when that is at
///   most a third of the longer word's length (or one), and less than the shorter word's length; nil where nothing is near.
package func nearestName(to word: String, in names: some Sequence<String>) -> String? {
    let word = Array(word.lowercased().unicodeScalars.prefix(65))
    guard word.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for name in names {
        let candidate = Array(name.lowercased().unicodeScalars.prefix(65))
        // Two words that share no letter are not near.
        let limit = min(
            max(1, max(word.count, candidate.count) / 3), min(word.count, candidate.count) - 1)
        guard abs(word.count - candidate.count) <= limit else { continue }
        let distance = editDistance(word, candidate)
        if distance <= limit, distance < (best?.distance ?? .max) { best = (name, distance) }
    }
    return best?.name
}

/// The optimal string alignment distance between two words.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, scalar) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            var cost = min(
                last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
            if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
