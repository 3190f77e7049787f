import CCurl

/// The calls of the libcurl that the machine has.
struct CurlLibrary: @unchecked Sendable {
    // Unchecked: addresses of functions, which are never written again, and may be called from any thread.
    private let calls: curl_calls

    /// The library, loaded once; nil when the machine has none that will do.
    static let shared = CurlLibrary()

    private init?() {
        var calls = curl_calls()
        guard curl_load(&calls) else { return nil }
        self.calls = calls
    }

    /// Makes a call.
    ///
    /// - Parameter body: Makes the call, and is given all of them.
    /// - Returns: What `body` returns.
    func callAsFunction<Result>(_ body: (UnsafePointer<curl_calls>) -> Result) -> Result {
        withUnsafePointer(to: calls, body)
    }
}
