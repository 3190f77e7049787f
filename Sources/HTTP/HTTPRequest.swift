import FoundationEssentials

/// One request over HTTP. Printed, it shows its method and path, never its headers, query or body.
package struct HTTPRequest: Hashable, Sendable {
    /// The methods of requests.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The method.
    package var method: Method
    /// The whole address.
    package var url: HTTPURL
    /// Headers that are not secret.
    package var headers: [String: String]
    /// Headers that prove who is asking.
    package var credentials: [CredentialHeader]
    /// The body.
    package var body: [UInt8]?
    /// Whether it changes what the server holds, so that it must not simply be sent twice.
    package var isWrite: Bool
    /// The name of what it is about: an answer that says it is about something else is not believed.
    package var subject: String?
    /// Whether it is about credentials: a good answer is never shown, and it crosses no network in plain text.
    package var isConfidential = false
    /// What must not be shown of a bad answer besides the credentials: the secrets of a form.
    package var secrets: [Secret] = []
    /// Takes the body of the answer while it comes.
    package var receiver: AnswerReceiver?

    /// What it is about, where its path does not say.
    var subjectBesidesPath: String? {
        subject.flatMap { url.path.contains("/\(HTTPURL.encode($0))") ? nil : $0 }
    }

    /// The path, unless a secret is in it.
    var shownPath: String {
        secrets.contains { !$0.reveal().isEmpty && url.path.contains($0.reveal()) } ? "/•••" : url.path
    }

    /// Everything that must not be shown of an answer.
    var hidden: [Secret] { credentials.map(\.value) + secrets }

    /// A request.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - url: The whole address.
    ///   - headers: Headers that are not secret.
    ///   - credentials: Headers that prove who is asking; the client adds those of its authorizer.
    ///   - body: The body.
    ///   - isWrite: Whether it changes what the server holds; by default all but GET do.
    package init(
        _ method: Method, _ url: HTTPURL, headers: [String: String] = [:],
        credentials: [CredentialHeader] = [], body: [UInt8]? = nil, isWrite: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.credentials = credentials
        self.body = body
        self.isWrite = isWrite ?? (method != .get)
    }

    /// A request with a body of JSON, whose keys are in snake case.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - url: The whole address.
    ///   - headers: Headers that are not secret.
    ///   - json: The body.
    ///   - isWrite: Whether it changes what the server holds.
    /// - Throws: `HTTPError` with `.invalidValue` when the body cannot be encoded.
    package init(
        _ method: Method, _ url: HTTPURL, headers: [String: String] = [:], json: some Encodable,
        isWrite: Bool = true
    ) throws(HTTPError) {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let data = try? encoder.encode(json) else {
            throw HTTPError(.invalidValue, "the request cannot be written as JSON")
        }
        self.init(method, url, headers: headers, body: Array(data), isWrite: isWrite)
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(method.rawValue) \(shownPath)" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// A header that proves who is asking.
package struct CredentialHeader: Hashable, Sendable {
    /// The header's name, such as `Authorization`.
    package var name: String
    /// Its value.
    package var value: Secret

    /// A header.
    package init(_ name: String, _ value: Secret) {
        self.name = name
        self.value = value
    }
}

/// The answer to a request, whatever its status.
package struct HTTPResponse: Sendable {
    /// The status code.
    package var status: Int
    /// The body, decompressed.
    package var body: [UInt8]
    /// How long it took, without earlier attempts and the waits between them.
    package internal(set) var elapsed = Duration.zero

    private var headers: [String: String]
    /// The body's part of the memory for all answers, which is given back with the answer.
    private let share: MemoryShare?

    /// An answer.
    ///
    /// - Parameters:
    ///   - status: The status code.
    ///   - headers: The headers, their names in any case.
    ///   - body: The body.
    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: body, share: nil)
    }

    /// An answer whose body counts towards a limit for all answers.
    init(status: Int, headers: [String: String], body: [UInt8], share: MemoryShare?) {
        self.share = share
        self.status = status
        self.body = body
        self.headers = [:]
        for (name, value) in headers { self.headers[name.lowercased()] = value }
    }

    /// Whether the server works; a refusal shows that, too.
    var isFromHealthyServer: Bool { status < 500 && status != 408 && status != 429 }

    /// The value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? { headers[name.lowercased()] }
}
