import CCurl

/// The functions of the machine's libcurl.
struct CurlLibrary: @unchecked Sendable {
    // Unchecked: addresses of functions that never change and may be called from any thread.
    private let calls: curl_calls

    /// The library, loaded once; nil when the machine has no suitable one.
    static let shared = CurlLibrary()

    private init?() {
        var calls = curl_calls()
        guard curl_load(&calls) else { return nil }
        self.calls = calls
    }

    /// Calls a function of the library.
    func callAsFunction<Result>(_ body: (UnsafePointer<curl_calls>) -> Result) -> Result {
        withUnsafePointer(to: calls, body)
    }
}
