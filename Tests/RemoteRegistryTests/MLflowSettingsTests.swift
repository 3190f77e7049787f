import Foundation
import PromptRegistry
import Testing

@testable import RemoteRegistry

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

    @Test func namesTheWorkspace() throws {
        #expect(try sent(["MLFLOW_WORKSPACE": " team "]) == ["X-MLFLOW-WORKSPACE": "team"])
        #expect(try sent(["MLFLOW_WORKSPACE": "  "]) == [:])
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

    @Test(arguments: [
        ["MLFLOW_TRACKING_INSECURE_TLS": "perhaps"],
        ["MLFLOW_TRACKING_INSECURE_TLS": "1", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/own.pem"],
    ])
    func refusesSettingsThatMakeNoSense(_ environment: [String: String]) {
        let error = #expect(throws: RegistryError.self) { try MLflowSettings(environment: environment) }
        #expect(error?.code == .invalidValue)
    }
}
