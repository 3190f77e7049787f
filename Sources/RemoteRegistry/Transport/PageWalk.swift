/// The way through a list that comes in pages.
struct PageWalk {
    /// What the page to read now is asked for with; nil for the first.
    private(set) var token: String?

    private var seen: Set<String> = []

    /// Goes on to the next page.
    ///
    /// - Parameter next: The token that came with the page that was read.
    /// - Returns: Whether there is a next page; a token that was there before would lead round in circles.
    mutating func goesOn(to next: String?) -> Bool {
        guard let next, !next.isEmpty, seen.insert(next).inserted else { return false }
        token = next
        return true
    }
}
