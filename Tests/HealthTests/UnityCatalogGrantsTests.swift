import Foundation
import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import Health
@testable import UnityCatalog

@Suite struct UnityCatalogGrantsTests {
    private func find(
        _ answers: [String: [ExchangeDouble.Answer]], groups: [String] = [], owner: String? = nil
    ) async throws -> (outcome: UnityCatalogGrants.Outcome, asked: [String]) {
        let exchange = ExchangeDouble { request, _ in
            let query = request.url.query
            guard let (_, pages) = answers.first(where: { query.hasPrefix("principal=\($0.key)&") }) else {
                return .refusal(404, "PRINCIPAL_DOES_NOT_EXIST")
            }
            return query.contains("page_token") ? pages[min(1, pages.count - 1)] : pages[0]
        }
        let double = ClientDouble(exchange)
        let list = groups.map { #"{"display": "\#($0)"}"# }.joined(separator: ", ")
        let identity = try JSONDecoder().decode(
            DatabricksIdentity.self, from: Data(#"{"userName": "ci", "groups": [\#(list)]}"#.utf8))
        let host = try HTTPURL("https://workspace.example")
        let outcome = await UnityCatalogGrants(host: host, client: double.client).find(
            of: identity, on: "main.agents", owner: owner, proven: [])
        return (outcome, exchange.sent.map(\.url.query))
    }

    private func grants(
        _ privileges: String..., to principal: String = "ci", from type: String = "", next: String = ""
    ) -> ExchangeDouble.Answer {
        let inherited = type.isEmpty ? "" : #", "inherited_from_type": "\#(type)""#
        let list = privileges.map { #"{"privilege": "\#($0)"\#(inherited)}"# }.joined(separator: ", ")
        return .answer(
            200,
            #"{"privilege_assignments": [{"principal": "\#(principal)", "privileges": [\#(list)]}],"#
                + #" "next_page_token": "\#(next)"}"#)
    }

    @Test func everythingThatIsNeededIsEnough() async throws {
        let answer = grants("USE_CATALOG", "USE_SCHEMA", "CREATE_FUNCTION", "EXECUTE", "MANAGE", "SELECT")
        let (outcome, asked) = try await find(["ci": [answer]], groups: ["team"])
        #expect(outcome == .all)
        #expect(asked == ["principal=ci&max_results=0"])
    }

    @Test func allPagesCount() async throws {
        let pages = [
            grants("USE_CATALOG", "USE SCHEMA", next: "more"), grants("CREATE_FUNCTION", "EXECUTE", "manage"),
        ]
        let (outcome, asked) = try await find(["ci": pages])
        #expect(outcome == .all)
        #expect(asked.last == "principal=ci&max_results=0&page_token=more")
    }

    @Test func pagesThatLeadRoundInCirclesLeaveItOpen() async throws {
        let (outcome, asked) = try await find([
            "ci": [grants("EXECUTE", next: "more")], "account%20users": [.answer(200)],
        ])
        guard case .unknown(_, let error) = outcome else {
            Issue.record("the outcome is \(outcome)")
            return
        }
        #expect(error.message.contains("a page repeats an earlier one") && asked.count == 2)
    }

    @Test func everythingIsNotManaging() async throws {
        let others = ["account%20users": [ExchangeDouble.Answer.answer(200)]]
        let ofSchema = try await find(others.merging(["ci": [grants("ALL_PRIVILEGES")]]) { $1 })
        #expect(ofSchema.outcome == .missing(["USE CATALOG", "MANAGE"]))
        let ofCatalog = try await find(
            others.merging(["ci": [grants("ALL_PRIVILEGES", from: "CATALOG")]]) { $1 })
        #expect(ofCatalog.outcome == .missing(["MANAGE"]))
    }

    @Test func groupsAddWhatTheyHave() async throws {
        let answers = [
            "ci": [grants("EXECUTE")], "a%20b": [grants("CREATE_FUNCTION", "MANAGE", to: "a b")],
            "account%20users": [grants("USE_CATALOG", "USE_SCHEMA", to: "account users")],
        ]
        #expect(try await find(answers, groups: ["a b"]).outcome == .all)
    }

    @Test func aGroupThatGrantsKnowNothingOfHasNone() async throws {
        let answers = ["ci": [grants("EXECUTE")], "account%20users": [ExchangeDouble.Answer.answer(200)]]
        let (outcome, _) = try await find(answers, groups: ["workspace-local"])
        #expect(outcome == .missing(["USE CATALOG", "USE SCHEMA", "CREATE FUNCTION", "MANAGE"]))
    }

    @Test func aGroupThatMayNotBeSeenLeavesItOpen() async throws {
        let answers = [
            "ci": [grants("USE_CATALOG", "USE_SCHEMA", "EXECUTE", "CREATE_FUNCTION")],
            "team": [.refusal(403, "PERMISSION_DENIED")], "account%20users": [.answer(200)],
        ]
        guard case .unknown(let missing, let error) = try await find(answers, groups: ["team"]).outcome else {
            Issue.record("it is known")
            return
        }
        #expect(missing == ["MANAGE"] && error.code == .permissionDenied)
    }

    @Test func nobodyElseIsAskedAboutAfterARefusal() async throws {
        let (outcome, asked) = try await find(["ci": [.refusal(403, "PERMISSION_DENIED")]], groups: ["team"])
        guard case .unknown(UnityCatalogGrants.needed, _) = outcome else {
            Issue.record("it is known")
            return
        }
        #expect(asked.count == 1)
    }

    @Test func anOwnerNeedsTheCatalogOnly() async throws {
        let answers = ["ci": [grants("USE_CATALOG")]]
        #expect(try await find(answers, owner: "ci").outcome == .all)
        #expect(try await find(answers, groups: ["team"], owner: "team").outcome == .all)
    }

    @Test func statementsSayWhatIsMissingWhere() {
        let statements = { GrantStatements.granting($0, on: "main.agents", to: $1) }
        #expect(statements(["MANAGE"], "ci") == "GRANT MANAGE ON SCHEMA `main`.`agents` TO `ci`")
        #expect(
            statements(["USE CATALOG", "EXECUTE", "MANAGE"], "a`b")
                == "GRANT USE CATALOG ON CATALOG `main` TO `a``b`; "
                + "GRANT EXECUTE, MANAGE ON SCHEMA `main`.`agents` TO `a``b`")
    }
}
