import Foundation
import HTTP
import Prompts
import Testing

@testable import MLflowServer

@Suite struct MLflowSettingsTests {
    private func sent(_ environment: [String: String]) throws -> [String: String] {
        let settings = try MLflowSettings(environment: environment)
        let credentials = settings.credentials.map { ($0.name, $0.value.reveal()) }
        return settings.headers.merging(credentials) { $1 }
    }

    @Test func takesBasicBeforeATokenAndOnlyWhenBothPartsAreThere() throws {
        let token = ["MLFLOW_TRACKING_TOKEN": "t"]
        #expect(try sent([:]) == [:])
        #expect(try sent(token) == ["Authorization": "Bearer t"])
        let user = token.merging(["MLFLOW_TRACKING_USERNAME": "me"]) { $1 }
        #expect(try sent(user) == ["Authorization": "Bearer t"])
        let both = user.merging(["MLFLOW_TRACKING_PASSWORD": "pä:ss"]) { $1 }
        #expect(try sent(both) == ["Authorization": "Basic bWU6cMOkOnNz"])
        #expect(try sent(["MLFLOW_TRACKING_TOKEN": ""]) == [:])
    }

    @Test func saysWhereCredentialsAreFromAndWhichCountForNothing() throws {
        func origins(_ names: String...) throws -> [[String]] {
            let environment = Dictionary(uniqueKeysWithValues: names.map { ("MLFLOW_TRACKING_" + $0, "x") })
            let settings = try MLflowSettings(environment: environment)
            return [settings.origins, settings.unusedOrigins]
                .map { $0.map { $0.replacing("MLFLOW_TRACKING_", with: "") } }
        }
        #expect(try origins() == [[], []])
        #expect(try origins("TOKEN") == [["TOKEN"], []])
        #expect(try origins("USERNAME") == [[], ["USERNAME"]])
        #expect(try origins("PASSWORD", "TOKEN") == [["TOKEN"], ["PASSWORD"]])
        #expect(try origins("PASSWORD", "USERNAME") == [["USERNAME", "PASSWORD"], []])
        #expect(try origins("PASSWORD", "USERNAME", "TOKEN") == [["USERNAME", "PASSWORD"], ["TOKEN"]])
    }

    @Test func namesTheWorkspace() throws {
        #expect(try sent(["MLFLOW_WORKSPACE": " team "]) == ["X-MLFLOW-WORKSPACE": "team"])
        #expect(try sent(["MLFLOW_WORKSPACE": "  "]) == [:])
    }

    @Test func aWorkspaceOfSeveralLinesIsRefused() throws {
        for name in ["te\nam", "a\r\nX-Evil: 1", "te\u{1}am"] {
            let error = #expect(throws: HTTPError.self) { try sent(["MLFLOW_WORKSPACE": name]) }
            #expect(error?.code == .invalidAddress && error?.message.contains("MLFLOW_WORKSPACE") == true)
        }
    }

    @Test(arguments: [
        ["MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "secret\n"],
        ["MLFLOW_TRACKING_USERNAME": "me\r", "MLFLOW_TRACKING_PASSWORD": "secret"],
        ["MLFLOW_TRACKING_TOKEN": "t\n"],
    ])
    func credentialsWithALineBreakAreNotSent(_ environment: [String: String]) throws {
        let problem = try MLflowSettings(environment: environment).problemWithCredentials
        #expect(problem?.code == .unauthenticated)
        #expect(problem?.message.contains("secret") == false)
    }

    @Test func readsTheCredentialsFile() throws {
        let home = NSTemporaryDirectory() + "promptreg-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: home + "/.mlflow", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let file = """
            [other]
            mlflow_tracking_username = nobody
            [mlflow]
            # a remark
            mlflow_tracking_username = me
            MLFLOW_TRACKING_PASSWORD: secret
            """
        try file.write(toFile: home + "/.mlflow/credentials", atomically: true, encoding: .utf8)
        #expect(try sent(["HOME": home]) == ["Authorization": "Basic bWU6c2VjcmV0"])
        let other = ["HOME": home, "MLFLOW_TRACKING_USERNAME": "you"]
        #expect(try sent(other) == ["Authorization": "Basic eW91OnNlY3JldA=="])
        #expect(try sent(["HOME": home + "/none"]) == [:])

        let percent = "[mlflow]\nmlflow_tracking_username = me\nmlflow_tracking_password = a%%b%c\n"
        try percent.write(toFile: home + "/.mlflow/credentials", atomically: true, encoding: .utf8)
        #expect(try sent(["HOME": home]) == ["Authorization": "Basic bWU6YSViJWM="])

        let broken = "[mlflow]\nmlflow_tracking_password hidden\n"
        try broken.write(toFile: home + "/.mlflow/credentials", atomically: true, encoding: .utf8)
        let error = #expect(throws: HTTPError.self) { try sent(["HOME": home]) }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message == "~/.mlflow/credentials:2: this line has no =")
        let both = ["HOME": home, "MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "secret"]
        #expect(try sent(both) == ["Authorization": "Basic bWU6c2VjcmV0"])

        // What cannot be read matters where there is nothing else.
        try FileManager.default.removeItem(atPath: home + "/.mlflow/credentials")
        try FileManager.default.createDirectory(
            atPath: home + "/.mlflow/credentials", withIntermediateDirectories: false)
        #expect(throws: HTTPError.self) { try sent(["HOME": home]) }
        let token = ["HOME": home, "MLFLOW_TRACKING_TOKEN": "t"]
        #expect(try sent(token) == ["Authorization": "Bearer t"])
        let signed = [
            "MLFLOW_TRACKING_AWS_SIGV4": "true", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "eu-west-1",
        ]
        #expect(try sent(signed.merging(["HOME": home]) { own, _ in own }) == [:])
    }

    @Test func saysHowToConnect() throws {
        var settings = try MLflowSettings(environment: [
            "MLFLOW_TRACKING_INSECURE_TLS": "True", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "/client.pem",
            "SSL_CERT_FILE": "/ca.pem",
        ])
        #expect(!settings.transport.verifiesServer)
        #expect(settings.transport.clientCertificate == "/client.pem")
        #expect(settings.transport.authorities == "/ca.pem")
        settings = try MLflowSettings(environment: [
            "MLFLOW_TRACKING_INSECURE_TLS": "0", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/own.pem",
            "SSL_CERT_FILE": "/ca.pem",
        ])
        #expect(settings.transport.verifiesServer)
        #expect(settings.transport.authorities == "/own.pem")
    }

    // A contradiction and what promptreg does not have are mistakes of whoever calls it: exit code 64.
    @Test(arguments: [
        ["MLFLOW_TRACKING_INSECURE_TLS": "perhaps"],
        ["MLFLOW_TRACKING_INSECURE_TLS": "1", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/own.pem"],
        ["MLFLOW_TRACKING_AWS_SIGV4": "yes"], ["MLFLOW_TRACKING_AUTH": "kubernetes"],
        ["MLFLOW_TRACKING_AUTH": "kubernetes-namespaced"], ["MLFLOW_TRACKING_AUTH": "own"],
    ])
    func refusesSettingsThatMakeNoSense(_ environment: [String: String]) {
        let error = #expect(throws: HTTPError.self) { try MLflowSettings(environment: environment) }
        #expect(error?.code == .invalidAddress)
        for (name, value) in environment where value != "1" {
            #expect(error?.message.contains(name) == true)
        }
        #expect(error?.hint != nil)
    }

    @Test func whatIsSetToNothingIsNotSet() throws {
        let settings = try MLflowSettings(environment: [
            "MLFLOW_TRACKING_INSECURE_TLS": "", "MLFLOW_TRACKING_AWS_SIGV4": "False",
            "MLFLOW_TRACKING_AUTH": "",
            "MLFLOW_TRACKING_SERVER_CERT_PATH": "", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "",
        ])
        #expect(settings.transport == TransportOptions())
    }

    @Test(arguments: [
        "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_CLIENT_CERT_PATH", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    ])
    func aFileThatIsNotThereIsToldBeforeAnythingIsSent(_ variable: String) throws {
        let environment = [variable: "/does/not/exist.pem"]
        let error = #expect(throws: RegistryError.self) {
            try MLflowServerRegistry(url: "https://host", environment: environment)
        }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message == "\(variable) names /does/not/exist.pem, which cannot be read")
        _ = try MLflowServerRegistry(url: "http://host", environment: environment)
    }

    @Test func aTokenWithALineBreakIsNotLeftOut() throws {
        let environment = ["MLFLOW_TRACKING_TOKEN": "pasted\n"]
        let error = #expect(throws: RegistryError.self) {
            try MLflowServerRegistry(url: "https://host", environment: environment)
        }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message == "MLFLOW_TRACKING_TOKEN has a line break or another control character")
    }

    @Test(arguments: ["https://host?token=hidden", "https://user:hidden@host", "ftp://host", "https://"])
    func anAddressThatCannotBeUsedIsNotQuoted(_ url: String) {
        let error = #expect(throws: RegistryError.self) {
            try MLflowServerRegistry(url: url, environment: [:])
        }
        #expect(error?.code == .invalidAddress)
        #expect(error.map { "\($0)".contains("hidden") } == false)
    }

    @Test func whatABrowserShowsIsAnAddress() throws {
        let registry = try MLflowServerRegistry(url: "https://host:8080/base/#/prompts", environment: [:])
        #expect(registry.address == "https://host:8080/base")
    }
}
