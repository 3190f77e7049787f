/// The way through a list that comes in pages.
package struct PageWalk {
    /// What the page to read now is asked for with; nil for the first.
    package private(set) var token: String?

    private var seen: Set<String> = []

    /// A walk that begins with the first page.
    package init() {}

    /// Goes on to the next page.
    ///
    /// - Parameter next: The token that came with the page that was read.
    /// - Returns: Whether there is a next page; a token that was there before would lead round in circles.
    package mutating func goesOn(to next: String?) -> Bool {
        guard let next, !next.isEmpty, seen.insert(next).inserted else { return false }
        token = next
        return true
    }
}
