extension Result {
    /// What a task returned or threw.
    ///
    /// - Parameter body: The task.
    package init(of body: () async throws(Failure) -> Success) async {
        do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
