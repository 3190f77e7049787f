import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import MLflowServer

/// What servers of some versions, and on some databases, do not hold, show or answer.
@Suite struct MLflowLimitsTests {
    private static let long = String(repeating: "ä", count: 5001)

    private func registry(_ server: ExchangeDouble, _ url: String = "https://mlflow.example/x") throws
        -> MLflowServerRegistry
    {
        let time = ClockDouble()
        return try MLflowServerRegistry(
            url: url, environment: ["MLFLOW_TRACKING_TOKEN": "secret"],
            settings: HTTPSettings(
                deadline: RunDeadline(total: .seconds(60), clock: time.clock), clock: time.clock,
                connect: server.connect))
    }

    private func server(version: String) -> ExchangeDouble {
        ExchangeDouble { request, _ in
            request.url.path == "/x/version" ? .answer(200, version) : .refusal(400, "BAD_REQUEST")
        }
    }

    private func error(_ body: () async throws(RegistryError) -> Void) async -> RegistryError? {
        do { try await body() } catch { return error }
        return nil
    }

    // MARK: - Versions

    @Test(arguments: ["2.21.0", "3.17.2.dev0", "10.0", "3.0.0rc1"])
    func versionsArePlain(text: String) {
        let version = MLflowVersion(HTTPResponse(status: 200, body: Array("\(text)\n".utf8)))
        #expect(version?.text == text && version?.problem == nil)
    }

    @Test(arguments: ["", "3", "OK", "<html>1.2</html>", "3.17.2 \u{1B}[31m", "{\"a\": 1.2}", "a.b.c"])
    func otherTextsAreNone(text: String) {
        #expect(MLflowVersion(HTTPResponse(status: 200, body: Array(text.utf8))) == nil)
    }

    @Test func aShortTextNeedsNoVersion() async throws {
        let server = server(version: "2.22.5")
        let draft = VersionDraft(
            content: PromptContent(kind: .text, template: String(repeating: "ä", count: 5000)))
        let review = try await registry(server).review(
            [PendingWrite(name: "a", versions: [draft])], isPreview: false)
        #expect(review == WriteReview() && server.sent.isEmpty)
    }

    @Test func aPreviewAsksWhetherAServerWithoutThePromptsIsTooOld() async throws {
        let draft = VersionDraft(content: PromptContent(kind: .text, template: "short"))
        let write = PendingWrite(name: "a", prompt: PromptDraft(name: "a"), versions: [draft])
        let error = await #expect(throws: RegistryError.self) {
            try await registry(server(version: "2.20.4")).review([write], isPreview: true)
        }
        #expect(error?.message == "MLflow 2.20.4 does not support prompts")
        let old = server(version: "2.20.4")
        _ = try await registry(old).review([write], isPreview: false)
        #expect(old.sent.isEmpty)
    }

    @Test func theVersionIsAskedForOnce() async throws {
        let server = server(version: "3.1.4")
        let registry = try registry(server)
        let draft = VersionDraft(content: PromptContent(kind: .chat, template: "[]"))
        for _ in 0..<3 {
            _ = try await registry.review([PendingWrite(name: "a", versions: [draft])], isPreview: false)
        }
        #expect(server.sent.map(\.description) == ["GET /x/version"])
    }

    @Test func whatIsTooLongIsNamed() async throws {
        let long = Self.long
        let version = VersionDraft(content: PromptContent(kind: .text, template: long), description: long)
        let text = PendingWrite(name: "text", versions: [version])
        let tag = PendingWrite(
            name: "tag", prompt: PromptDraft(name: "tag", description: long, tags: ["k": long]))
        let old = try await registry(server(version: "2.22.5")).review([text, tag], isPreview: false)
        #expect(old.problems.keys.sorted() == ["tag", "text"])
        #expect(
            old.problems["text"]?.message
                == "text has 5001 characters, and MLflow 2.22.5 holds at most 5000 characters in a text or tag"
        )
        #expect(old.problems["tag"]?.message.hasPrefix("tag 'k' has 5001") == true)
        let new = try await registry(server(version: "3.18.0")).review([text, tag], isPreview: false)
        #expect(new.problems.isEmpty)
        #expect(
            new.warnings.map { $0.prefix { $0 != ";" } } == [
                "commit message has more than 5000 characters: text",
                "description has more than 5000 characters: tag",
                "tag 'k' has more than 5000 characters: tag",
            ])
    }

    @Test func aVersionThatIsNotToldRefusesNothing() async throws {
        let text = VersionDraft(content: PromptContent(kind: .chat, template: Self.long))
        let review = try await registry(server(version: "<html>")).review(
            [
                PendingWrite(name: "a", versions: [text])
            ], isPreview: false)
        #expect(review == WriteReview())
    }

    @Test func aServerWithoutPromptsIsAskedForNothingMore() async throws {
        let server = ExchangeDouble { request, _ in
            switch request.url.path {
            case "/x/version": .answer(200, "2.20.4")
            case let path where path.hasSuffix("model-versions/create"):
                .refusal(400, "INVALID_PARAMETER_VALUE", "Invalid model version source: 'dummy-source'.")
            default: .answer(200, #"{"registered_model": {"name": "a"}}"#)
            }
        }
        let registry = try registry(server)
        let draft = VersionDraft(content: PromptContent(kind: .text, template: "x"))
        for name in ["a", "b"] {
            let error = await error { () async throws(RegistryError) in
                _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: draft)
            }
            #expect(error?.code == .notARegistry)
            #expect(error?.message == "MLflow 2.20.4 does not support prompts")
        }
        #expect(server.sent.count == 3)
    }

    // MARK: - Refusals of databases

    @Test func aValueThatADatabaseRefusesIsNamed() async throws {
        let said =
            "(psycopg2.errors.StringDataRightTruncation) value too long for type character varying(5000) [SQL: …"
        let server = ExchangeDouble(
            .answer(
                200,
                #"{"registered_model": {"name": "a", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}}"#
            ),
            .refusal(400, "BAD_REQUEST", said))
        let registry = try registry(server)
        let error = await error { () async throws(RegistryError) in
            try await registry.update("a", MetadataChanges(promptTags: ["team": Self.long]))
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("cannot hold the tag 'team': it has 5001 characters") == true)
        #expect(error?.hint == "shorten it to 5000 characters")
    }

    @Test(arguments: [
        (
            400,
            "(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint registered_model_tag_pk"
        ),
        (500, "(sqlite3.IntegrityError) UNIQUE constraint failed: registered_model_tags.key"),
        (
            400,
            "UPDATE statement on table 'registered_model_tags' expected to update 1 row(s); 0 were matched."
        ),
        (400, "(pymysql.err.IntegrityError) (1062, Duplicate entry 'a' for key 'PRIMARY')"),
    ])
    func aViolatedKeyIsTriedAgain(status: Int, said: String) async throws {
        let prompt = ExchangeDouble.Answer.answer(
            200,
            #"{"registered_model": {"name": "a", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}}"#
        )
        let refusal = ExchangeDouble.Answer.refusal(status, "BAD_REQUEST", said)
        let server = ExchangeDouble(prompt, refusal, .answer(200))
        try await registry(server).update("a", MetadataChanges(promptTags: ["team": "x"]))
        #expect(server.sent.count == 3)

        let refused = try registry(ExchangeDouble(prompt, refusal))
        let error = await error { () async throws(RegistryError) in
            try await refused.update(
                "a", MetadataChanges(promptTags: ["team": "x"]))
        }
        #expect(error?.code == .conflict)
    }

    @Test func aDatabaseWithoutAFreeConnectionIsAskedAgain() async throws {
        let refusal = ExchangeDouble.Answer.refusal(
            400, "BAD_REQUEST", "(sqlalchemy.exc.TimeoutError) QueuePool limit of size 5 overflow 10 reached")
        let prompt = ExchangeDouble.Answer.answer(
            200,
            #"{"registered_model": {"name": "a", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}}"#
        )
        let server = ExchangeDouble(refusal, prompt, .answer(200))
        try await registry(server).update("a", MetadataChanges(promptTags: ["team": "x"]))
        #expect(server.sent.count == 3)
    }

    @Test func aVersionWhoseKeyWasTakenIsMadeOnce() async throws {
        let draft = VersionDraft(content: PromptContent(kind: .text, template: "x"))
        let server = ExchangeDouble(
            .answer(
                200,
                #"{"registered_model": {"name": "a", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}}"#
            ),
            .refusal(
                400, "BAD_REQUEST", "UNIQUE constraint failed: model_versions.name, model_versions.version"),
            .answer(200, #"{"model_version": {"version": "2"}}"#))
        let created = try await registry(server).createVersion(of: "a", draft)
        #expect(created == CreatedVersion(number: 2))
    }

    // MARK: - Addresses

    @Test func theAPIOfThePagesIsUsedBelowAPrefix() async throws {
        let server = ExchangeDouble { request, _ in
            request.url.path.hasPrefix("/x/ajax-api/")
                ? .answer(200, #"{"registered_model": {"name": "a", "tags": []}}"#) : .answer(404, "<html>")
        }
        let registry = try registry(server)
        let api = registry.api
        #expect(try await api.model("a")?.name == "a")
        #expect(try await api.model("a")?.name == "a")
        #expect(
            server.sent.map { $0.url.path.split(separator: "/")[1] } == [
                "api", "ajax-api", "ajax-api", "ajax-api",
            ])
        #expect(Set(server.sent.map(\.url.host)) == ["mlflow.example"])
    }

    @Test func theRightAddressIsNamedAndNotUsed() async throws {
        let server = ExchangeDouble { request, _ in
            request.url.path == "/team/version" ? .answer(200, "3.18.0") : .answer(404, "<html>")
        }
        let registry = try registry(server, "https://mlflow.example/team/prompts")
        for _ in 0..<2 {
            let error = await error { () async throws(RegistryError) in _ = try await registry.observe(["a"])
            }
            #expect(error?.code == .notARegistry)
            #expect(error?.hint == "use https://mlflow.example/team as the registry's address")
        }
        #expect(server.sent.filter { $0.url.path.hasPrefix("/team/prompts/") }.count == 3)
    }

    @Test func onceTheAPIAnsweredItIsNotSearchedFor() async throws {
        let server = ExchangeDouble(
            .answer(200, #"{"registered_model": {"name": "a", "tags": []}}"#), .answer(404, "<html>"))
        let registry = try registry(server)
        _ = try await registry.api.model("a")
        let error = await error { () async throws(RegistryError) in _ = try await registry.observe(["b"]) }
        #expect(error?.code == .notARegistry && server.sent.count == 2)
    }
}
