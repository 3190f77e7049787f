// What may be shown of answers that callers read themselves.
extension HTTPClient {
    /// What hides the credentials of a request.
    ///
    /// - Parameter request: The request, without credentials.
    /// - Returns: The mask.
    package func mask(for request: HTTPRequest) async -> SecretMask { SecretMask(await secrets(of: request)) }

    /// Quotes a part of an answer: short, on one line, and without the credentials of the request.
    ///
    /// - Parameters:
    ///   - text: The part.
    ///   - request: The request, without credentials.
    /// - Returns: The quotation.
    package func quoting(_ text: String, answering request: HTTPRequest) async -> String {
        TextExcerpt.of(text, hiding: await secrets(of: request))
    }

    /// The error for a good answer that cannot be understood, and is not asked for again.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - request: The request, without credentials.
    /// - Returns: The error.
    package func unreadable(_ response: HTTPResponse, answering request: HTTPRequest) async -> HTTPError {
        var error = service.error(
            forUnreadable: response, at: request.url, hiding: await secrets(of: request))
        error.retry = .never
        return error
    }

    private func secrets(of request: HTTPRequest) async -> [Secret] {
        hidden(in: (try? await authorized(request)) ?? request)
    }
}
