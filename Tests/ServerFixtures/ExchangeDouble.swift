package import HTTP
import Synchronization

/// Answers requests as a test says, and notes them.
package final class ExchangeDouble: HTTPExchange {
    package typealias Answer = Result<HTTPResponse, TransportError>

    private let requests = Mutex<[HTTPRequest]>([])
    private let timeouts = Mutex<[Duration]>([])
    private let answer: @Sendable (HTTPRequest, Int) async -> Answer

    /// A double.
    ///
    /// - Parameter answer: Answers a request, given the number of requests before it.
    package init(_ answer: @escaping @Sendable (HTTPRequest, Int) async -> Answer) {
        self.answer = answer
    }

    /// A double that gives one answer after the other, the last again and again.
    package convenience init(_ answers: Answer...) {
        self.init { _, index in answers[min(index, answers.count - 1)] }
    }

    /// Takes the place of libcurl in settings.
    package var connect: @Sendable (TransportOptions) throws(HTTPError) -> any HTTPExchange {
        { _ throws(HTTPError) in self }
    }

    /// The requests so far, in the order in which they came.
    package var sent: [HTTPRequest] { requests.withLock { $0 } }

    /// How long each was given.
    package var givenTimes: [Duration] { timeouts.withLock { $0 } }

    package func send(
        _ request: HTTPRequest, within timeout: Duration
    ) async throws(TransportError) -> HTTPResponse {
        let index = requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        timeouts.withLock { $0.append(timeout) }
        return try await answer(request, index).get()
    }
}

extension Result where Success == HTTPResponse, Failure == TransportError {
    /// An answer.
    package static func answer(_ status: Int, _ body: String = "{}", _ headers: [String: String] = [:])
        -> Self
    {
        .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    /// MLflow's way to refuse something.
    package static func refusal(_ status: Int, _ code: String, _ message: String = "no") -> Self {
        .answer(status, #"{"error_code": "\#(code)", "message": "\#(message)"}"#)
    }

    /// No answer.
    package static func broken(_ kind: TransportError.Kind, _ detail: String = "") -> Self {
        .failure(TransportError(kind, detail))
    }
}

/// A time that passes only when somebody waits.
package final class ClockDouble: Sendable {
    private let time = Mutex(Duration.zero)
    private let waits = Mutex<[Duration]>([])

    /// A clock that stands still.
    package init() {}

    /// The waits so far.
    package var slept: [Duration] { waits.withLock { $0 } }

    /// Lets time pass.
    package func advance(by duration: Duration) { time.withLock { $0 += duration } }

    /// The clock; its first second since 1970 is a round number.
    package var clock: WaitingClock {
        WaitingClock(
            now: { self.time.withLock { $0 } }, secondsSince1970: { 1_000_000_000 },
            sleep: { duration in
                self.waits.withLock { $0.append(duration) }
                self.advance(by: duration)
            })
    }
}

/// What tests ask for.
package struct Thing: Codable, Hashable, Sendable {
    package var value: Int

    /// A thing.
    package init(value: Int) { self.value = value }
}

/// A client of a double, whose waits are the longest there can be and take no time.
package struct ClientDouble {
    package let exchange: ExchangeDouble
    package let time = ClockDouble()
    package let client: HTTPClient

    package init(
        _ exchange: ExchangeDouble, policy: RetryPolicy = RetryPolicy(random: { $0.upperBound }),
        total: Duration = .seconds(300), authorizer: any Authorizer = FixedAuthorizer(),
        allowsInsecure: Bool = false, maximumConcurrency: Int = 64,
        onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) {
        self.exchange = exchange
        client = HTTPClient(
            exchange: exchange, authorizer: authorizer,
            service: ServiceDescription(
                name: "the server", credentialsHint: "log in", disabledHint: "switch it on"),
            settings: HTTPSettings(
                deadline: RunDeadline(total: total, clock: time.clock), allowsInsecure: allowsInsecure,
                onAttempt: onAttempt, policy: policy, clock: time.clock, connect: exchange.connect),
            maximumConcurrency: maximumConcurrency)
    }

    package func get(_ url: String = "https://registry.example/api") async throws -> Thing {
        try await client.send(HTTPRequest(.get, try HTTPURL(url)), as: Thing.self)
    }

    package func post(
        isRefusedTwice: Bool = false, lookUp: @Sendable () async throws(HTTPError) -> Thing?
    ) async throws -> Thing {
        let request = HTTPRequest(.post, try HTTPURL("https://registry.example/api"), body: Array("{}".utf8))
        return try await client.sendOnce(
            request, as: Thing.self, isRefusedTwice: isRefusedTwice, lookUp: lookUp
        ).answer
    }
}
