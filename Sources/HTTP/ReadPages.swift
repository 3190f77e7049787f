/// Reads a list that comes in pages.
///
/// - Parameter read: Reads the page of a token, nil for the first, and returns the token of the next page, if any.
/// - Throws: What `read` throws.
package func readPages<Failure: Error>(
    _ read: (_ token: String?) async throws(Failure) -> String?
) async throws(Failure) {
    // The tokens themselves may be long, and the pages many.
    var seen: Set<Int> = []
    var token: String?
    repeat {
        token = try await read(token)
        // A token that was seen before would lead in circles.
    } while token.map { !$0.isEmpty && seen.insert($0.hashValue).inserted } ?? false
}
