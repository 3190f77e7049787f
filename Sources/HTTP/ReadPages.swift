/// What a page says of the list that it is of.
package struct PageLink: Sendable {
    /// The token of the next page; nil or empty on the last.
    let next: String?
    /// What tells the page from others; nil for a page without entries.
    let content: Int?

    /// The link of a page.
    ///
    /// - Parameters:
    ///   - next: The token of the next page; nil or empty on the last.
    ///   - entries: What the page lists, by what tells each from the others.
    package init(_ next: String?, after entries: [some Hashable]) {
        self.next = next
        content = entries.isEmpty ? nil : entries.hashValue
    }
}

/// Reads a list that comes in pages.
///
/// - Parameters:
///   - failure: Makes an error of `read` from one of the list itself.
///   - read: Reads the page of a token, nil for the first.
/// - Throws: What `read` throws, and `failure` where a page is an earlier one again, under the same token or another.
package func readPages<Failure: Error>(
    failing failure: (HTTPError) -> Failure,
    _ read: (_ token: String?) async throws(Failure) -> PageLink
) async throws(Failure) {
    // The tokens themselves may be long, and the pages many.
    var (tokens, contents): (Set<Int>, Set<Int>) = ([], [])
    var token: String?
    while true {
        let page = try await read(token)
        let repeats = page.content.map { !contents.insert($0).inserted } ?? false
        guard let next = page.next, !next.isEmpty else { return }
        guard !repeats, tokens.insert(next.hashValue).inserted else {
            throw failure(.endlessList)
        }
        token = next
    }
}

/// Reads a list that comes in pages.
///
/// - Parameter read: Reads the page of a token, nil for the first.
/// - Throws: `HTTPError`.
package func readPages(
    _ read: (_ token: String?) async throws(HTTPError) -> PageLink
) async throws(HTTPError) {
    try await readPages(failing: { $0 }, read)
}

extension HTTPError {
    /// The error for a list whose page is an earlier one again.
    package static var endlessList: HTTPError {
        HTTPError(
            .failed, "the server's list does not end: a page repeats an earlier one",
            hint: "check what is between this machine and the server, such as a cache")
    }
}
