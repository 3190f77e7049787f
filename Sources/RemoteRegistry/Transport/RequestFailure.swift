package import Prompts

/// Why a request did not do what it was for.
package struct RequestFailure: Error, Sendable {
    /// Whether the same request may succeed later.
    package enum Retry: Sendable {
        /// It would fail again.
        case never
        /// After a moment, a few times.
        case soon
        /// As `soon`, but fewer times: nothing may ever listen there.
        case ifListening
        /// As often as time allows: the server asks to wait.
        case whenAllowed
    }

    /// What the user is told.
    package var error: RegistryError
    /// The answer's status; nil when none came.
    package var status: Int?
    /// What the API calls the failure, such as `RESOURCE_DOES_NOT_EXIST`.
    package var apiCode: String?
    /// What the API says about it, in its own words; empty when it says nothing.
    package var apiMessage: String
    /// Whether a write may have been done all the same; the user's error says so, too.
    package var mayHaveBeenDone: Bool {
        get { error.mayHaveBeenDone }
        set { error.mayHaveBeenDone = newValue }
    }
    /// Whether whoever was asked may still be at it: only the one who waits for the answer gave up.
    package var mayStillBeDone = false
    /// Whether the same request may succeed later.
    package var retry: Retry
    /// When the server asks to come back.
    package var retryAfter: Duration?

    /// A failure.
    package init(
        _ error: RegistryError, status: Int? = nil, apiCode: String? = nil, apiMessage: String = "",
        mayHaveBeenDone: Bool = false, retry: Retry = .never, retryAfter: Duration? = nil
    ) {
        self.error = error
        self.status = status
        self.apiCode = apiCode
        self.apiMessage = apiMessage
        self.retry = retry
        self.retryAfter = retryAfter
        self.mayHaveBeenDone = mayHaveBeenDone
    }
}

/// What is said of the server in errors.
package struct ServiceDescription: Hashable, Sendable {
    /// What it is, such as `the MLflow server`.
    package var name: String
    /// What to do about missing or wrong credentials.
    package var credentialsHint: String
    /// What to do about missing permissions.
    package var permissionHint: String?
    /// What to do where the server has switched off what it is asked for.
    package var disabledHint: String?

    /// A description.
    package init(
        name: String, credentialsHint: String, permissionHint: String? = nil, disabledHint: String? = nil
    ) {
        self.name = name
        self.credentialsHint = credentialsHint
        self.permissionHint = permissionHint
        self.disabledHint = disabledHint
    }
}

/// Turns what went wrong with a request into a failure. There is one such table for all servers.
struct FailureTable: Sendable {
    let service: ServiceDescription

    /// What an API calls it when it has switched off what it is asked for.
    static let disabled = "FEATURE_DISABLED"
    /// What an API calls it when it has no such call.
    static let unknownEndpoint = "ENDPOINT_NOT_FOUND"

    /// How many bytes of an answer are looked at for what is quoted of it.
    private static let longestExcerpt = 4096

    /// What to do where nothing answers.
    static let whatToCheck =
        "check the address, that the server is up, and what proxies and firewalls let through"

    /// The failure of a request that got no answer.
    func failure(_ error: TransportError, at url: HTTPURL) -> RequestFailure {
        let detail = error.detail.isEmpty ? "" : ": \(TextExcerpt.escape(error.detail))"
        let place = url.origin
        let check = Self.whatToCheck
        let (code, message, hint): (RegistryError.Code, String, String?) =
            switch error.kind {
            case .couldNotConnect: (.unreachable, "nothing answers at \(place)\(detail)", check)
            case .unknownHost: (.unreachable, "the host of \(place) is not known\(detail)", check)
            case .untrusted:
                (
                    .unreachable, "no trustworthy connection can be made to \(place)\(detail)",
                    "check the host's name, and the authority that REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, "
                        + "SSL_CERT_FILE or SSL_CERT_DIR names; of an MLflow server, "
                        + "MLFLOW_TRACKING_SERVER_CERT_PATH comes before these"
                )
            case .refusedByProxy:
                (
                    .unreachable, "the proxy lets nothing through to \(place)\(detail)",
                    "check its address, user and password in https_proxy; no_proxy names what is reached without it"
                )
            case .timedOut: (.unreachable, "\(place) took too long to answer\(detail)", check)
            case .connectionLost: (.unreachable, "the connection to \(place) broke\(detail)", check)
            case .tooLarge: (.failed, "the answer of \(place) is too large\(detail)", nil)
            case .refusedRedirect:
                (
                    .notARegistry, "\(place) sends requests elsewhere\(detail)",
                    "credentials are not sent there; give the registry's own address"
                )
            case .cancelled: (.failed, "the request to \(place) was given up", nil)
            case .insecure:
                (
                    .invalidAddress, "credentials would cross the network to \(place) unencrypted",
                    "use https://, or allow it with --insecure-http"
                )
            case .other: (.unreachable, "the request to \(place) failed\(detail)", check)
            }
        let retry: RequestFailure.Retry =
            switch error.kind {
            case .couldNotConnect, .unknownHost: .ifListening
            case _ where error.isTransient: .soon
            default: .never
            }
        var failure = RequestFailure(
            RegistryError(code, message, hint: hint), mayHaveBeenDone: error.mayHaveBeenDone, retry: retry)
        failure.mayStillBeDone = error.kind == .timedOut || error.kind == .connectionLost
        return failure
    }

    /// The failure that an answer with a status other than 2xx tells of.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - url: What was asked for.
    ///   - secrets: What must not show in the message.
    ///   - now: The seconds since 1970.
    /// - Returns: The failure.
    func failure(
        _ response: HTTPResponse, at url: HTTPURL, hiding secrets: [Secret], now: Int
    ) -> RequestFailure {
        let body = APIErrorBody(response.body)
        let status = response.status
        let start = String(decoding: response.body.prefix(Self.longestExcerpt), as: UTF8.self)
        let text = body?.message ?? start
        let isCut = body?.message == nil && response.body.count > Self.longestExcerpt
        let excerpt = TextExcerpt.of(text, hiding: secrets, isCut: isCut)
        var (code, hint) = meaning(status: status, apiCode: body?.code)
        // MLflow's server lets itself be asked by the names that it was told.
        if status == 403, text.hasPrefix("Invalid Host header") {
            (code, hint) = (.notARegistry, "have \(url.host) added to the server's --allowed-hosts")
        }
        var said = excerpt.isEmpty ? "answered with status \(status)" : "answered \(status): \(excerpt)"
        // MLflow answers 500 then.
        let isDisabled = body?.code == Self.disabled
        let retry: RequestFailure.Retry =
            switch status {
            case _ where isDisabled: .never
            case 429, 503: .whenAllowed
            case 408, 500, 502, 504: .soon
            default: .never
            }
        let retryAfter =
            retry == .never
            ? nil : response.header("Retry-After").flatMap { RetryAfter.duration(of: $0, now: now) }
        if let retryAfter { said += "; it asks to wait \(retryAfter.components.seconds) s" }
        var failure = RequestFailure(
            RegistryError(code, "\(service.name) \(said)", hint: hint), status: status, apiCode: body?.code,
            apiMessage: body == nil ? "" : excerpt,
            mayHaveBeenDone: !isDisabled && (status >= 500 || status == 408),
            retry: retry, retryAfter: retryAfter)
        failure.mayStillBeDone = status == 502 || status == 504
        return failure
    }

    /// The failure of a request whose answer cannot be understood, although its status is 2xx.
    ///
    /// A page of HTML comes from something that is no registry, and would come again.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - url: What was asked for.
    ///   - secrets: What must not show in the message; nil when nothing of the answer may.
    /// - Returns: The failure.
    func failure(unreadable response: HTTPResponse, at url: HTTPURL, hiding secrets: [Secret]?)
        -> RequestFailure
    {
        let start = String(decoding: response.body.prefix(Self.longestExcerpt), as: UTF8.self)
        let isCut = response.body.count > Self.longestExcerpt
        let isPage = response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
        let excerpt = secrets.map { TextExcerpt.of(start, hiding: $0, isCut: isCut) }
        let said =
            response.body.isEmpty
            ? "an empty body" : excerpt ?? "\(response.body.count) bytes, not shown as they may be a secret"
        let error =
            isPage
            ? RegistryError(
                .notARegistry, "\(url.origin) answered with a page that is not of \(service.name): \(said)",
                hint: "check the registry's address; a proxy or a login page may stand before it")
            : RegistryError(.failed, "the answer of \(service.name) cannot be understood: \(said)")
        return RequestFailure(
            error, status: response.status, mayHaveBeenDone: true, retry: isPage ? .never : .soon)
    }

    private func meaning(
        status: Int, apiCode: String?
    ) -> (code: RegistryError.Code, hint: String?) {
        switch (status, apiCode) {
        case (401, _): return (.unauthenticated, service.credentialsHint)
        case (403, _): return (.permissionDenied, service.permissionHint)
        default: break
        }
        switch apiCode {
        case "RESOURCE_DOES_NOT_EXIST", "NOT_FOUND": return (.notFound, nil)
        case "RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS", "RESOURCE_CONFLICT", "ABORTED":
            return (.conflict, nil)
        case "INVALID_PARAMETER_VALUE", "BAD_REQUEST", "MALFORMED_REQUEST", "INVALID_STATE":
            return (.invalidValue, nil)
        case "UNAUTHENTICATED": return (.unauthenticated, service.credentialsHint)
        case "PERMISSION_DENIED": return (.permissionDenied, service.permissionHint)
        case Self.disabled: return (.notARegistry, service.disabledHint)
        default: break
        }
        switch status {
        case 300..<400, 404, 405:
            // What is no registry says so in words of its own, and some of that is JSON, too.
            let isOfAPI = apiCode?.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
            return isOfAPI == true && apiCode != Self.unknownEndpoint
                ? (.notFound, nil) : (.notARegistry, "check the registry's address")
        case 407: return (.unreachable, "a proxy on the way wants a user name and password in http_proxy")
        case 409: return (.conflict, nil)
        case 400, 413, 414, 422: return (.invalidValue, nil)
        case 429, 502, 503, 504: return (.unreachable, nil)
        default: return (.failed, nil)
        }
    }
}
