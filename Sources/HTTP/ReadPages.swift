/// Reads a list that comes in pages.
///
/// - Parameters:
///   - failure: Makes an error of `read` from one of the list itself.
///   - read: Reads the page of a token, nil for the first, and returns the token of the next page, if any.
/// - Throws: What `read` throws, and `failure` where a page leads back to an earlier one.
package func readPages<Failure: Error>(
    failing failure: (HTTPError) -> Failure,
    _ read: (_ token: String?) async throws(Failure) -> String?
) async throws(Failure) {
    // The tokens themselves may be long, and the pages many.
    var seen: Set<Int> = []
    var token: String?
    while true {
        token = try await read(token)
        guard let next = token, !next.isEmpty else { return }
        guard seen.insert(next.hashValue).inserted else {
            throw failure(
                HTTPError(
                    .failed, "the server's list is incomplete: a page leads back to an earlier one",
                    hint: "check what is between this machine and the server, such as a cache"))
        }
    }
}

/// Reads a list that comes in pages.
///
/// - Parameter read: Reads the page of a token, nil for the first, and returns the token of the next page, if any.
/// - Throws: `HTTPError`.
package func readPages(
    _ read: (_ token: String?) async throws(HTTPError) -> String?
) async throws(HTTPError) {
    try await readPages(failing: { $0 }, read)
}
