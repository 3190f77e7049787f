import HTTP
import Prompts
import UnityCatalog

/// Finds out which of the privileges that promptreg needs a principal has on a schema.
///
/// Unity Catalog lists what was granted to a principal on the schema and on its catalog. What was granted to a group
/// is listed with that group, and an owner has more than is listed.
struct UnityCatalogGrants: Sendable {
    /// What was found.
    enum Outcome: Equatable {
        /// Everything that is needed.
        case all
        /// All but these.
        case missing([String])
        /// Not all grants can be read; these were not found.
        case unknown(missing: [String], RegistryError)
    }

    /// What promptreg needs; that on the catalog comes first, as nothing works without it.
    static let needed = ["USE CATALOG", "USE SCHEMA", "CREATE FUNCTION", "EXECUTE", "MANAGE"]
    /// How many groups are looked up at most.
    private static let mostGroups = 50
    private static let everything = "ALL PRIVILEGES"

    let host: HTTPURL
    let client: HTTPClient

    /// Finds out what a principal has, besides privileges that it is known to have.
    func find(
        of identity: DatabricksIdentity, on schema: String, owner: String?, proven: Set<String>
    ) async -> Outcome {
        var missing = Set(Self.needed).subtracting(proven)
        let names = [identity.userName].compactMap(\.self) + identity.groupNames.prefix(Self.mostGroups)
        if let owner, names.contains(owner) { missing.formIntersection(["USE CATALOG"]) }
        var failure: RegistryError?
        for name in names where !missing.isEmpty {
            do throws(HTTPError) {
                missing.subtract(try await privileges(of: name, on: schema))
            } catch {
                // Unity Catalog has no such principal, such as a group of only the workspace.
                if error.status == 404 || error.code == .invalidValue, name != names.first { continue }
                failure = failure ?? RegistryError(error)
                // A principal that cannot see its own grants does not see those of groups.
                if name == names.first { break }
            }
        }
        let left = Self.needed.filter(missing.contains)
        if left.isEmpty { return .all }
        return failure.map { .unknown(missing: left, $0) } ?? .missing(left)
    }

    /// What a principal was granted of what is needed.
    private func privileges(of principal: String, on schema: String) async throws(HTTPError) -> Set<
        String
    > {
        var found: Set<String> = []
        try await readPages { token async throws(HTTPError) in
            // Zero asks for pages of the server's size, which may be empty and still not be the last.
            let query =
                [("principal", principal), ("max_results", "0")] + (token.map { [("page_token", $0)] } ?? [])
            let url = host.appending(
                ["api", "2.1", "unity-catalog", "effective-permissions", "schema", schema], query: query)
            let page = try await client.send(HTTPRequest(.get, url), as: Page.self)
            for assignment in page.privilegeAssignments ?? []
            where assignment.principal?.lowercased() == principal.lowercased() {
                for privilege in assignment.privileges ?? [] { found.formUnion(privilege.implied) }
            }
            return PageLink(page.nextPageToken, after: page.privilegeAssignments ?? [])
        }
        return found
    }

    private struct Page: Decodable {
        struct Assignment: Decodable, Hashable {
            let principal: String?
            let privileges: [Privilege]?
        }

        struct Privilege: Decodable, Hashable {
            let privilege: String?
            let inheritedFromType: String?

            /// The needed privileges that it includes. ALL PRIVILEGES on a catalog applies to its schemas, and never
            /// includes MANAGE.
            var implied: Set<String> {
                guard let name = privilege?.uppercased().replacing("_", with: " ") else { return [] }
                guard name == everything else { return [name] }
                let isOfCatalog = inheritedFromType?.uppercased() == "CATALOG"
                return Set(
                    ["USE SCHEMA", "CREATE FUNCTION", "EXECUTE"] + (isOfCatalog ? ["USE CATALOG"] : []))
            }
        }

        let privilegeAssignments: [Assignment]?
        let nextPageToken: String?
    }
}
