import ServerFixtures
import Synchronization
import Testing

@testable import HTTP

@Suite struct ExactlyOnceTests {
    private static let made = ExchangeDouble.Answer.answer(200, #"{"value": 1}"#)
    private static let lost: [ExchangeDouble.Answer] = [
        .broken(.timedOut), .broken(.connectionLost), .broken(.other), .answer(500), .answer(502),
        .answer(503),
        .answer(504), .answer(408), .answer(200, #"{"val"#), .answer(200, ""),
        .answer(200, #"{"other": 1}"#),
    ]

    @Test(arguments: lost.indices)
    func findsWhatWasMadeAlthoughTheAnswerWasLost(_ index: Int) async throws {
        let double = ClientDouble(ExchangeDouble(Self.lost[index]))
        let thing = try await double.post { () async throws(HTTPError) in Thing(value: 7) }
        #expect(thing.value == 7)
        #expect(double.exchange.sent.count == 1)
    }

    @Test(arguments: lost.indices)
    func sendsAgainWhatWasNotMade(_ index: Int) async throws {
        let double = ClientDouble(ExchangeDouble(Self.lost[index], Self.made))
        let lookUps = Atomic<Int>(0)
        let thing = try await double.post { () async throws(HTTPError) in
            lookUps.add(1, ordering: .relaxed)
            return nil
        }
        #expect(thing.value == 1)
        #expect(double.exchange.sent.count == 2)
        // What a server may still be working on is looked for until it has had half a minute.
        let isOver = index == 2
        #expect(lookUps.load(ordering: .relaxed) == (isOver ? 1 : 6))
        if !isOver { #expect(20...32 ~= double.time.slept.reduce(.zero, +) / .seconds(1)) }
    }

    /// A gateway that gives up waiting does not end what the server behind it is at work on.
    @Test(arguments: [
        ExchangeDouble.Answer.broken(.timedOut), .broken(.connectionLost), .answer(502), .answer(504),
    ])
    func givesAServerThatMayStillBeAtWorkTime(_ failure: ExchangeDouble.Answer) async throws {
        let double = ClientDouble(ExchangeDouble(failure, Self.made), policy: RetryPolicy(random: { _ in 0 }))
        _ = try await double.post { () async throws(HTTPError) in Thing(value: 7) }
        #expect(double.time.slept == [.seconds(1)])
        let read = ClientDouble(ExchangeDouble(failure, Self.made), policy: RetryPolicy(random: { _ in 0 }))
        _ = try await read.get()
        #expect(read.time.slept == [.zero])
    }

    @Test(arguments: [
        ExchangeDouble.Answer.broken(.couldNotConnect), .broken(.unknownHost), .answer(429),
    ])
    func doesNotLookUpWhatCannotHaveArrived(_ failure: ExchangeDouble.Answer) async throws {
        let double = ClientDouble(ExchangeDouble(failure, Self.made))
        let thing = try await double.post { () async throws(HTTPError) in
            Issue.record("looked up")
            return nil
        }
        #expect(thing.value == 1)
    }

    @Test func aRefusalIsFinalWithoutALookUp() async throws {
        let double = ClientDouble(ExchangeDouble(.refusal(400, "INVALID_PARAMETER_VALUE")))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in
                Issue.record("looked up")
                return nil
            }
        }
        #expect(failure?.code == .invalidValue)
    }

    /// A write that takes effect seconds after its answer was lost is found, and not sent again.
    @Test(arguments: [
        ExchangeDouble.Answer.broken(.connectionLost), .answer(504), .answer(503), .answer(500), .answer(408),
    ])
    func aLateEffectIsFound(_ failure: ExchangeDouble.Answer) async throws {
        let double = ClientDouble(ExchangeDouble(failure, Self.made))
        let time = double.time
        let thing = try await double.post { () async throws(HTTPError) in
            time.slept.reduce(.zero, +) > .seconds(5) ? Thing(value: 7) : nil
        }
        #expect(thing.value == 7 && double.exchange.sent.count == 1)
    }

    /// Where time is short, a part of it is left to send the write again.
    @Test func looksForAQuarterOfTheTimeThatIsLeft() async throws {
        let double = ClientDouble(
            ExchangeDouble(.broken(.connectionLost), Self.made), total: .seconds(20))
        let thing = try await double.post { () async throws(HTTPError) in nil }
        #expect(thing.value == 1)
        #expect(4...6 ~= double.time.slept.reduce(.zero, +) / .seconds(1))
    }

    /// An attempt that takes effect late is refused then, so that nothing has to wait for it.
    @Test func whatIsRefusedTheSecondTimeIsSentAgainSoon() async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.connectionLost), Self.made))
        let thing = try await double.post(isRefusedTwice: true) { () async throws(HTTPError) in nil }
        #expect(thing.value == 1)
        #expect(double.time.slept.reduce(.zero, +) <= .seconds(2))
    }

    /// A lookup has few attempts of its own, and is repeated by those of the write.
    @Test func attemptsAreNotMultipliedByThoseOfTheLookUp() async throws {
        let exchange = ExchangeDouble { request, _ in request.isWrite ? .broken(.timedOut) : .answer(500) }
        let read = HTTPRequest(.get, try HTTPURL("https://registry.example/api"))
        let double = ClientDouble(exchange)
        _ = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in
                try await double.client.send(read, as: Thing.self)
            }
        }
        // Three for each lookup of the first half minute, and for each attempt that is left.
        #expect(24...48 ~= exchange.sent.count { !$0.isWrite })
    }

    /// The first request is still at work when it is looked for, and makes the second one fail.
    @Test func aRefusalAfterALostAnswerIsLookedUp() async throws {
        let double = ClientDouble(
            ExchangeDouble(.broken(.timedOut), .refusal(409, "RESOURCE_ALREADY_EXISTS")))
        let exchange = double.exchange
        let thing = try await double.post { () async throws(HTTPError) in
            exchange.sent.count == 1 ? nil : Thing(value: 7)
        }
        #expect(thing.value == 7)
        #expect(double.exchange.sent.count == 2)
    }

    @Test func whatWasLostBeforeTheLastAttemptIsUncertainToo() async throws {
        let exchange = ExchangeDouble(.broken(.timedOut), .answer(429, "", ["Retry-After": "600"]))
        let double = ClientDouble(exchange, total: .seconds(60))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in nil }
        }
        #expect(failure?.status == 429)
        #expect(failure?.outcomeIsUnknown == true)
    }

    @Test func aServerThatTakesNoWritesIsGivenUpThoughItAnswersReads() async throws {
        let exchange = ExchangeDouble { request, _ in
            request.isWrite ? .answer(503, "", ["Retry-After": "1"]) : Self.made
        }
        let double = ClientDouble(exchange)
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in
                let read = try? HTTPRequest(.get, HTTPURL("https://registry.example/api"))
                if let read { _ = try await double.client.send(read, as: Thing.self) }
                return nil
            }
        }
        #expect(failure?.status == 503)
        #expect(failure?.hint?.contains("may have taken effect") == true)
        // A wait of a second and at most a quarter each, until the time is over.
        #expect(200...300 ~= double.time.slept.count)
    }

    @Test func whatIsLostToTheEndIsSaidToBeUncertain() async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.timedOut)))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in nil }
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.hint?.contains("may have taken effect") == true)
        #expect(failure?.outcomeIsUnknown == true)
    }

    @Test func isNotSentAgainWhileNothingCanBeLookedUp() async throws {
        let exchange = ExchangeDouble { request, _ in request.isWrite ? .broken(.timedOut) : .answer(500) }
        let read = HTTPRequest(.get, try HTTPURL("https://registry.example/api"))
        let double = ClientDouble(exchange)
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in
                try await double.client.send(read, as: Thing.self)
            }
        }
        #expect(exchange.sent.count { $0.isWrite } == 1)
        // The cause is that of the write, with what kept it from being cleared up.
        #expect(failure?.code == .unreachable && failure?.outcomeIsUnknown == true)
        let message = try #require(failure?.message)
        #expect(
            message.contains("took too long to answer, and could not be looked up: the server answered 500"))
        #expect(message.hasSuffix(" (8 attempts)") && message.split(separator: "attempts").count == 2)
        #expect(failure?.hint?.contains("may have taken effect") == true)
    }

    @Test func isSentAgainOnceTheLookUpFindsNothing() async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.timedOut), Self.made))
        let lookUps = Atomic<Int>(0)
        let thing = try await double.post { () async throws(HTTPError) in
            if lookUps.add(1, ordering: .relaxed).newValue < 3 {
                var failure = HTTPError(.unreachable, "no")
                failure.retry = .soon
                throw failure
            }
            return nil
        }
        #expect(thing.value == 1 && double.exchange.sent.count == 2)
    }

    @Test func isNotSentAgainWhenTheLookUpFails() async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.timedOut), Self.made))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in
                throw HTTPError(.permissionDenied, "no")
            }
        }
        #expect(failure?.code == .permissionDenied)
        #expect(double.exchange.sent.count == 1)
    }
}
