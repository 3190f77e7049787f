/// How errors describe a server.
package struct ServiceDescription: Hashable, Sendable {
    /// What it is, such as `the MLflow server`.
    package var name: String
    /// What to do about missing or wrong credentials.
    package var credentialsHint: String
    /// What to do about missing permissions.
    package var permissionHint: String?
    /// What to do where the server has switched off what it is asked for.
    package var disabledHint: String?
    /// What its messages contain where something else wrote the same at the same time; nothing was written then.
    package var conflictMarks: [String]
    /// What its messages contain where it is only too busy, whatever the status.
    package var busyMarks: [String]

    /// A description.
    package init(
        name: String, credentialsHint: String, permissionHint: String? = nil, disabledHint: String? = nil,
        conflictMarks: [String] = [], busyMarks: [String] = []
    ) {
        self.name = name
        self.credentialsHint = credentialsHint
        self.permissionHint = permissionHint
        self.disabledHint = disabledHint
        self.conflictMarks = conflictMarks
        self.busyMarks = busyMarks
    }

    /// The API code for something that is switched off.
    package static let disabled = "FEATURE_DISABLED"
    /// The API code for a call that the API does not have.
    package static let unknownEndpoint = "ENDPOINT_NOT_FOUND"
    /// What to do where nothing answers.
    package static let connectionHint =
        "check the address, that the server is up, and what proxies and firewalls let through"

    /// How many bytes of an answer are looked at for what is quoted of it.
    private static let longestExcerpt = 4096
}

// MARK: - What went wrong, as an error

extension ServiceDescription {
    /// The error for a request that got no answer.
    func error(for failure: TransportError, at url: HTTPURL) -> HTTPError {
        let (code, message, hint) = Self.meaning(of: failure.kind, at: url.origin)
        let reason = Self.reason(for: failure)
        let detail = reason.isEmpty ? "" : ": \(TextExcerpt.escape(reason))"
        var error = HTTPError(code, message + detail, hint: hint)
        switch failure.kind {
        case .couldNotConnect, .unknownHost: error.retry = .ifListening
        case .timedOut, .connectionLost, .other: error.retry = .soon
        case .untrusted, .withoutTLS, .refusedByProxy, .tooLarge, .refusedRedirect, .cancelled, .insecure:
            break
        }
        switch failure.kind {
        case .couldNotConnect, .unknownHost, .untrusted, .withoutTLS, .refusedByProxy, .insecure: break
        case .timedOut, .connectionLost, .tooLarge, .refusedRedirect, .cancelled, .other:
            error.outcomeIsUnknown = true
        }
        error.mayStillComplete = failure.kind == .timedOut || failure.kind == .connectionLost
        return error
    }

    /// What libcurl says besides that there was no connection, which the message says already.
    private static func reason(for failure: TransportError) -> String {
        let said = failure.detail
        switch failure.kind {
        case .couldNotConnect:
            guard said.hasPrefix("Failed to connect to "), let end = said.firstRange(of: " ms: ") else {
                return said
            }
            let reason = String(said[end.upperBound...])
            return reason.hasSuffix("connect to server") ? "" : reason
        case .unknownHost: return said.hasPrefix("Could not resolve host") ? "" : said
        default: return said
        }
    }

    private static func meaning(
        of kind: TransportError.Kind, at place: String
    ) -> (code: HTTPError.Code, message: String, hint: String?) {
        switch kind {
        case .couldNotConnect: (.unreachable, "nothing answers at \(place)", connectionHint)
        case .unknownHost:
            (
                .unreachable, "the host of \(place) is not known",
                "check its spelling, the network (DNS, VPN), and https_proxy where a proxy looks hosts up"
            )
        case .untrusted:
            (
                .unreachable, "no trusted connection can be made to \(place)",
                "check the host's name, and the authority that REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, "
                    + "SSL_CERT_FILE or SSL_CERT_DIR names; of an MLflow server, "
                    + "MLFLOW_TRACKING_SERVER_CERT_PATH comes before these"
            )
        case .withoutTLS:
            (
                .unreachable, "what answers at \(place) does not speak TLS",
                "check the port, or use http:// if the server has no certificate"
            )
        case .refusedByProxy:
            (
                .unreachable, "the proxy refuses connections to \(place)",
                "check its address, user and password in https_proxy; no_proxy lists hosts that bypass it"
            )
        case .timedOut: (.unreachable, "\(place) took too long to answer", connectionHint)
        case .connectionLost: (.unreachable, "the connection to \(place) broke", connectionHint)
        case .tooLarge: (.failed, "the answer of \(place) is too large", nil)
        case .refusedRedirect:
            (
                .wrongService, "\(place) redirects requests elsewhere",
                "credentials are not sent there; give the service's own address"
            )
        case .cancelled: (.failed, "the request to \(place) was cancelled", nil)
        case .insecure:
            (
                .invalidAddress, "credentials would cross the network to \(place) unencrypted",
                "use https://"
            )
        case .other: (.unreachable, "the request to \(place) failed", connectionHint)
        }
    }

    /// The error for an answer with a status other than 2xx.
    func error(
        for response: HTTPResponse, at url: HTTPURL, hiding secrets: [Secret],
        isThroughProxy: Bool = false, now: Int
    ) -> HTTPError {
        let body = APIErrorBody(response.body)
        let status = response.status
        let excerpt = Self.excerpt(of: response, body?.message, hiding: secrets)
        var (code, hint) = meaning(status: status, apiCode: body?.code)
        if status == 403, excerpt.hasPrefix("Invalid Host header") {
            (code, hint) = (.wrongService, "add \(url.host) to the server's --allowed-hosts")
        }
        // MLflow answers 500 then.
        let isDisabled = body?.code == Self.disabled
        let says = { (marks: [String]) in marks.contains { body?.message?.contains($0) ?? false } }
        let (isConflict, isBusy) = (says(conflictMarks), says(busyMarks))
        if isConflict {
            (code, hint) = (.conflict, "something else wrote the same at the same time; run it again")
        }
        if isBusy { (code, hint) = (.unreachable, "its database is too busy; pass a smaller --concurrency") }
        var said = excerpt.isEmpty ? "answered with status \(status)" : "answered \(status): \(excerpt)"
        if body == nil, excerpt.hasPrefix("<") { said = "answered \(status) with \(Self.page(excerpt))" }
        // Only a proxy asks for what it is to be told; other refusals may be either's.
        let mayBeProxys = isThroughProxy && body == nil
        let speaker = status == 407 ? "the proxy" : mayBeProxys ? "\(name), or the proxy before it," : name
        var error = HTTPError(code, "\(speaker) \(said)", hint: hint)
        (error.status, error.elapsed) = (status, response.elapsed)
        error.apiCode = body?.code
        error.apiMessage = body == nil ? "" : excerpt
        error.outcomeIsUnknown = !isDisabled && (status >= 500 || status == 408 || isBusy)
        // What is not in the service's own words was said by something in between, which may have passed the request on.
        let isGateways = status == 502 || status == 504
        let mayBeGateways = (body?.code ?? "").isEmpty && [408, 500, 503].contains(status)
        error.mayStillComplete = isGateways || mayBeGateways && response.header("Retry-After") == nil
        switch status {
        case _ where isDisabled: return error
        // What it was about to write may be there now: another attempt finds out.
        case _ where isConflict || isBusy: error.retry = .soon
        case 429, 503: error.retry = .whenAllowed
        case 408, 500, 502, 504: error.retry = .soon
        default: return error
        }
        if let delay = response.header("Retry-After").flatMap({ RetryAfter.duration(of: $0, now: now) }) {
            error.message += "; it asks to wait \(delay.components.seconds) s"
            error.retryAfter = delay
        }
        return error
    }

    /// The error for an answer that cannot be understood, although its status is 2xx.
    ///
    /// A page of HTML comes from a different service, which would send it again. Without secrets to hide, nothing of
    /// the answer may be shown.
    func error(
        forUnreadable response: HTTPResponse, at url: HTTPURL, hiding secrets: [Secret]?
    ) -> HTTPError {
        var said = "an empty body"
        if let secrets, !response.body.isEmpty {
            said = Self.excerpt(of: response, nil, hiding: secrets)
        } else if !response.body.isEmpty {
            said = "\(response.body.count) bytes, not shown as they may be a secret"
        }
        var error = HTTPError(.failed, "the answer of \(name) cannot be understood: \(said)")
        error.retry = .soon
        if response.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            error = HTTPError(
                .wrongService, "\(url.origin) answered with \(Self.page(said)), not as \(name) does",
                hint: "check the address; a proxy or a login page may be in front of the server")
        }
        (error.status, error.elapsed) = (response.status, response.elapsed)
        // Something in between may have given it before the server did what was asked.
        (error.outcomeIsUnknown, error.mayStillComplete) = (true, true)
        return error
    }

    /// The error for an answer about something else, as a cache or a proxy in between may give. What a write did is
    /// not known then.
    func error(
        forAnswerAbout other: String, insteadOf subject: String, hiding secrets: [Secret]
    ) -> HTTPError {
        let shown = TextExcerpt.of(String(other.prefix(Self.longestExcerpt)), hiding: secrets, isCut: true)
        var error = HTTPError(
            .failed, "\(name) answered about '\(shown)' when asked about '\(subject)'",
            hint: "check what is between this machine and the server, such as a cache")
        error.retry = .soon
        (error.outcomeIsUnknown, error.mayStillComplete) = (true, true)
        return error
    }

    /// A web page in a message: by its title, as its HTML tells people nothing.
    private static func page(_ html: String) -> String {
        guard let start = html.firstRange(of: "<title>"),
            let end = html[start.upperBound...].firstRange(of: "</title>")
        else { return "a web page" }
        return "a web page, '\(html[start.upperBound..<end.lowerBound])'"
    }

    private static func excerpt(
        of response: HTTPResponse, _ message: String?, hiding secrets: [Secret]
    ) -> String {
        let bytes = message.map { Array($0.utf8.prefix(longestExcerpt + 1)) } ?? response.body
        let text = String(decoding: bytes.prefix(longestExcerpt), as: UTF8.self)
        return TextExcerpt.of(text, hiding: secrets, isCut: bytes.count > longestExcerpt)
    }

    private func meaning(status: Int, apiCode: String?) -> (code: HTTPError.Code, hint: String?) {
        switch (status, apiCode) {
        case (401, _): return (.unauthenticated, credentialsHint)
        case (403, _): return (.permissionDenied, permissionHint)
        default: break
        }
        switch apiCode {
        case "RESOURCE_DOES_NOT_EXIST", "NOT_FOUND": return (.notFound, nil)
        case "RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS", "RESOURCE_CONFLICT", "ABORTED":
            return (.conflict, nil)
        case "INVALID_PARAMETER_VALUE", "BAD_REQUEST", "MALFORMED_REQUEST", "INVALID_STATE":
            return (.invalidValue, nil)
        case "UNAUTHENTICATED": return (.unauthenticated, credentialsHint)
        case "PERMISSION_DENIED": return (.permissionDenied, permissionHint)
        case Self.disabled: return (.wrongService, disabledHint)
        default: break
        }
        switch status {
        case 300..<400, 404, 405:
            // Other services have words of their own for it, and some of those are JSON, too.
            let isOfAPI = apiCode?.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
            return isOfAPI == true && apiCode != Self.unknownEndpoint
                ? (.notFound, nil) : (.wrongService, "check the address")
        case 407: return (.unreachable, "the proxy requires a user name and password in http_proxy")
        case 409: return (.conflict, nil)
        case 400, 413, 414, 422, 431: return (.invalidValue, nil)
        case 502, 504: return (.unreachable, "a proxy before the server says so: check that the server runs")
        case 429, 503: return (.unreachable, nil)
        default: return (.failed, nil)
        }
    }
}
