/// Finds what may have been meant, for the first of many findings: nobody reads thousands of hints, and to look for
/// each of them among thousands of names would take minutes.
package struct NameHints: Sendable {
    private var left = 20

    /// Hints for the findings of one check.
    package init() {}

    /// The name nearest to what the user wrote; nil where no name is near, and for all but the first findings.
    ///
    /// - Parameters:
    ///   - word: What the user wrote.
    ///   - names: The names that exist; they are not asked for without need.
    /// - Returns: The name.
    package mutating func nearest<Names: Sequence<String>>(
        to word: String, in names: @autoclosure () -> Names
    ) -> String? {
        guard left > 0 else { return nil }
        left -= 1
        return nearestName(to: word, in: names())
    }

    /// The same as a sentence.
    ///
    /// - Parameters:
    ///   - word: What the user wrote.
    ///   - names: The names that exist.
    /// - Returns: The sentence.
    package mutating func didYouMean<Names: Sequence<String>>(
        _ word: String, in names: @autoclosure () -> Names
    ) -> String? {
        nearest(to: word, in: names()).map { "did you mean '\($0)'?" }
    }
}
