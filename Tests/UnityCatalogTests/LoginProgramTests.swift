import Foundation
import HTTP
import ServerFixtures
import Testing

@testable import UnityCatalog

@Suite struct LoginProgramTests {
    private struct Printed: Decodable { let value: Int }

    private func program(_ deadline: RunDeadline = RunDeadline()) throws -> LoginProgram {
        let settings = try DatabricksSettings(profile: nil, environment: ["PATH": "/usr/bin:/bin"]) { _ in nil
        }
        return LoginProgram(
            name: "the CLI", path: "/bin/sh", remedy: "log in", variables: [], settings, deadline: deadline)
    }

    @Test func readsWhatIsPrinted() async throws {
        let answer = try await program().answer(["-c", "echo '{\"value\": 3}'"], as: Printed.self)
        #expect(answer?.value == 3)
        #expect(try await program().answer(["-c", "exit 1"], as: Printed.self) == nil)
    }

    @Test func whatHangsIsEnded() async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await program().answer(["-c", "sleep 300"], as: Printed.self, timeLimit: .seconds(1))
        }
        #expect(error?.message == "the CLI was ended: it took longer than 1 s")
        #expect(error?.hint == "run it by hand to see what it waits for" && error?.code == .unauthenticated)
    }

    @Test func theRunsDeadlineComesFirst() async throws {
        let deadline = RunDeadline(total: .milliseconds(200))
        let error = await #expect(throws: HTTPError.self) {
            try await program(deadline).answer(["-c", "sleep 300"], as: Printed.self)
        }
        #expect(error?.code == .unreachable)
        #expect(error?.hint == "the time limit is 200 ms; raise it with --timeout")
    }

    @Test func anInterruptionEndsIt() async throws {
        let deadline = RunDeadline()
        let hanging = try program(deadline)
        let answer = Task { try await hanging.answer(["-c", "sleep 300"], as: Printed.self) }
        try await Task.sleep(for: .milliseconds(100))
        deadline.interrupt()
        let error = await #expect(throws: HTTPError.self) { try await answer.value }
        #expect(error?.message == "the CLI was interrupted before it printed a token")
    }

    @Test(
        arguments: [
            ("a.eyJ1cG4iOiAibWUiLCAic2NvcGUiOiAiYSBiIn0.c", "me", ["a", "b"]),
            ("a.eyJzY29wZSI6IFsiYSIsICJiIl19.c", nil, ["a", "b"]),
            ("a.eyJ1cG4iOiAxLCAic2NvcGUiOiAyfQ.c", nil, nil),
        ] as [(String, String?, [String]?)])
    func claimsAreRead(_ token: String, _ user: String?, _ scopes: [String]?) throws {
        let claims = try #require(TokenClaims(Secret(token)))
        #expect(claims.upn == user && claims.scopes == scopes.map(Set.init))
    }

    @Test(arguments: ["", "dapi1", "a.b", "a.!!!.c", "a.W10.c", "a.b.c.d"])
    func otherTokensHaveNoClaims(_ token: String) {
        #expect(TokenClaims(Secret(token)) == nil)
    }

    @Test(
        arguments: [
            ("https://login.microsoftonline.com/t-1/oauth2/authorize?x=1", "t-1"),
            ("https://login.microsoftonline.com/contoso.example/oauth2", "contoso.example"),
            ("https://login.microsoftonline.com/", nil), ("https://login.microsoftonline.com/-x/y", nil),
            ("https://login.microsoftonline.com/a%2Fb/y", nil), ("/relative", nil), ("nonsense", nil),
        ] as [(String, String?)])
    func aTenantIsAName(_ location: String, _ tenant: String?) async throws {
        let host = try HTTPURL("https://adb-1.azuredatabricks.net")
        let double = ClientDouble(ExchangeDouble(.answer(302, "", ["Location": location])))
        let settings = try DatabricksSettings(profile: nil, environment: [:]) { _ in nil }
        let found = try await AzureTenant(settings: settings, host: host, client: double.client)
            .find(by: "aad/auth")
        #expect(found == tenant)
    }
}
