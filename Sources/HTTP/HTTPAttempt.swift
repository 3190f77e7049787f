/// What is told of one request that was sent: nothing that could be a secret.
package struct HTTPAttempt: Sendable {
    /// The request's method, such as `POST`.
    package var method: String
    /// The path, without its query.
    package var path: String
    /// The prompt that it is about, where its path does not tell.
    package var subject: String?
    /// The answer's status; nil when none came.
    package var status: Int?
    /// How long it took.
    package var duration: Duration
}

extension HTTPExchange {
    /// The same exchange, of which every attempt is told.
    ///
    /// - Parameter observer: Told of every attempt, from any task; nil tells nobody.
    /// - Returns: The exchange.
    package func observed(by observer: (@Sendable (HTTPAttempt) -> Void)?) -> any HTTPExchange {
        guard let observer else { return self }
        return ObservedExchange(exchange: self, observer: observer)
    }
}

private struct ObservedExchange: HTTPExchange {
    let exchange: any HTTPExchange
    let observer: @Sendable (HTTPAttempt) -> Void

    func send(_ request: HTTPRequest, within timeout: Duration) async throws(TransportError) -> HTTPResponse {
        let start = ContinuousClock.now
        var attempt = HTTPAttempt(
            method: request.method.rawValue, path: request.url.path, subject: request.subject, status: nil,
            duration: .zero)
        defer {
            attempt.duration = .now - start
            observer(attempt)
        }
        let response = try await exchange.send(request, within: timeout)
        attempt.status = response.status
        return response
    }
}
