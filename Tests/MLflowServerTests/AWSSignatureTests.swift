import Foundation
import HTTP
import ServerFixtures
import Testing

@testable import MLflowServer

/// Signatures are those that botocore 1.44.8 makes at the same time; a test in Python has it verify those of a run.
@Suite struct AWSSignatureTests {
    private static let keys = [
        "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret/key", "AWS_REGION": "eu-west-1",
    ]

    private func credentials(
        _ environment: [String: String], files: [String: String] = [:]
    ) throws -> AWSCredentials {
        try AWSCredentials(environment: environment.merging(["HOME": "/h"]) { own, _ in own }) { files[$0] }
    }

    @Test(arguments: [
        (
            HTTPRequest.Method.get,
            "https://abc.execute-api.eu-west-1.amazonaws.com/prod/api/2.0/mlflow/registered-models/get"
                + "?name=main.a%2Fb%20c&alias=%C3%A4", "", "",
            "27b8908aefdac1a5119260d64ac113c0a00cd3d74bd1f55a4854d3446c7a5e77"
        ),
        (
            .post, "https://abc.example.com:8443/api/2.0/mlflow/model-versions/create", #"{"name":"x"}"#,
            "session", "96aad52d488971c13a400004610ffe1f9030066f52f6af84a63a2ab4516301ea"
        ),
        (
            .delete, "http://127.0.0.1:80/a/b%20c%2Fd/?z&b=2&a=1&b=1", "", "",
            "1f3a252392e995721ceecf58ec6e0e56d9ffb8ec3b4a70aea0706557e8779b6d"
        ),
    ])
    func signsAsBotocore(
        _ method: HTTPRequest.Method, _ url: String, _ body: String, _ token: String, _ signature: String
    ) async throws {
        let found = try credentials(Self.keys.merging(["AWS_SESSION_TOKEN": token]) { own, _ in own })
        let signer = AWSSignature(credentials: found, clock: ClockDouble().clock)
        let request = HTTPRequest(
            method, try HTTPURL(url, keepsTrailingSlash: true), body: body.isEmpty ? nil : Array(body.utf8))
        let headers = try await signer.headers(for: request)
        let authorization = try #require(headers.last?.value.reveal())
        #expect(authorization.hasSuffix("Signature=\(signature)"))
        let hasToken = headers.contains { $0.name == "x-amz-security-token" && $0.value == Secret("session") }
        #expect(hasToken == !token.isEmpty)
        #expect(!"\(found) \(headers)".contains("secret/key"))
    }

    @Test func everyAttemptIsSignedAnew() async throws {
        let environment = Self.keys.merging(["MLFLOW_TRACKING_AWS_SIGV4": "true"]) { own, _ in own }
        let exchange = ExchangeDouble(.answer(503, "{}"), .answer(200, #"{"value": 1}"#))
        let time = ClockDouble()
        let clock = WaitingClock(
            now: time.clock.now, secondsSince1970: { Int(time.clock.now() / .milliseconds(1)) },
            sleep: time.clock.sleep)
        let settings = HTTPSettings(
            deadline: RunDeadline(clock: clock), policy: RetryPolicy(random: { $0.upperBound }), clock: clock,
            connect: exchange.connect)
        let client = try MLflowSettings(environment: environment)
            .client(for: try HTTPURL("https://abc.example.com"), settings)
        time.advance(by: .seconds(10))
        _ = try await client.send(
            HTTPRequest(.get, try HTTPURL("https://abc.example.com/x")), as: Thing.self)
        let signatures = exchange.sent.map { $0.credentials.last?.value }
        #expect(signatures.count == 2 && signatures[0] != signatures[1])
        #expect(exchange.sent.allSatisfy { $0.credentials.count == 3 })
    }

    @Test func aSignatureTakesThePlaceOfATokenAndAPlugin() throws {
        var environment = Self.keys
        environment["MLFLOW_TRACKING_AWS_SIGV4"] = "1"
        environment["MLFLOW_TRACKING_TOKEN"] = "t"
        environment["MLFLOW_TRACKING_AUTH"] = "kubernetes"
        let settings = try MLflowSettings(environment: environment)
        #expect(settings.credentials.isEmpty)
        #expect(
            settings.origins == [
                "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "the region eu-west-1 of AWS_REGION",
            ])
        #expect(settings.unusedOrigins == ["MLFLOW_TRACKING_TOKEN"])
        environment["AWS_SECRET_ACCESS_KEY"] = "pasted\n"
        #expect(try MLflowSettings(environment: environment).problemWithCredentials?.code == .unauthenticated)
    }

    private static let files = [
        "/h/.aws/credentials": """
        [default]
        aws_access_key_id = D
        aws_secret_access_key = d
        [ci]
        aws_access_key_id = C
        aws_secret_access_key = c%d
        aws_session_token = ct
        """,
        "/h/.aws/config": """
        [default]
        region = us-east-1
        s3 =
          max_concurrent_requests = 20
        [profile ci]
        region = eu-central-1
        [profile own]
        aws_access_key_id = O
        aws_secret_access_key = o
        region = x
        [profile person]
        sso_session = corp
        region = x
        [profile both]
        sso_session = corp
        aws_access_key_id = B
        aws_secret_access_key = b
        [profile role]
        role_arn = arn:aws:iam::1:role/x
        source_profile = default
        """,
        "/other": "[default]\naws_access_key_id = F\naws_secret_access_key = f\nregion = r\n",
    ]

    @Test(
        arguments: [
            ([:], "D", "d", nil, "us-east-1"),
            (["AWS_PROFILE": "ci"], "C", "c%d", "ct", "eu-central-1"),
            (["AWS_DEFAULT_PROFILE": "ci", "AWS_REGION": "z"], "C", "c%d", "ct", "z"),
            (["AWS_PROFILE": "own"], "O", "o", nil, "x"),
            (["AWS_PROFILE": "own", "AWS_DEFAULT_PROFILE": "ci"], "C", "c%d", "ct", "eu-central-1"),
            (["AWS_DEFAULT_REGION": "y", "AWS_REGION": "z"], "D", "d", nil, "y"),
            (["AWS_SHARED_CREDENTIALS_FILE": "/other"], "F", "f", nil, "r"),
            (
                ["AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e", "AWS_PROFILE": "ci"], "E", "e", nil,
                "eu-central-1"
            ),
        ] as [([String: String], String, String, String?, String)])
    func findsKeysAsBotocore(
        _ environment: [String: String], _ id: String, _ key: String, _ token: String?, _ region: String
    ) throws {
        let found = try credentials(environment, files: Self.files)
        #expect(found.keyID == id && found.key == Secret(key) && found.region == region)
        #expect(found.sessionToken == token.map(Secret.init))
    }

    @Test(arguments: [
        (["AWS_PROFILE": "none"], "the AWS CLI has no profile 'none', which AWS_PROFILE names"),
        (
            ["AWS_DEFAULT_PROFILE": "none"],
            "the AWS CLI has no profile 'none', which AWS_DEFAULT_PROFILE names"
        ),
        (["AWS_PROFILE": "both"], "has no keys of its own, but sso_session"),
        (
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:x"],
            "which promptreg cannot take on by itself"
        ),
        (["AWS_PROFILE": "person"], "has no keys of its own, but sso_session"),
        (["AWS_PROFILE": "role"], "has no keys of its own, but role_arn"),
        (["AWS_ACCESS_KEY_ID": "E"], "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"),
        (["HOME": "/nowhere"], "there are no keys of AWS to sign with"),
        (
            ["HOME": "/nowhere", "AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e"],
            "no region of AWS is named"
        ),
    ])
    func saysWhatIsMissing(_ environment: [String: String], _ message: String) throws {
        let error = #expect(throws: HTTPError.self) { try credentials(environment, files: Self.files) }
        #expect(error?.code == .unauthenticated && error?.hint != nil)
        #expect(error?.message.contains(message) == true)
    }
}
