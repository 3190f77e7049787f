import Prompts

/// What of the privileges that promptreg needs a principal has on a schema.
///
/// Unity Catalog lists what was granted to a principal on the schema, and what comes from its catalog; what comes
/// from a group is listed with that group, and an owner has more than is listed.
struct UnityCatalogGrants: Sendable {
    /// Who is asking.
    struct Identity: Decodable, Sendable {
        struct Group: Decodable, Sendable {
            let display: String?
        }

        /// A user's address, or a service principal's application id: what grants are made to.
        let userName: String?
        let displayName: String?
        let groups: [Group]?

        /// The name for people.
        var name: String? { userName ?? displayName }

        /// The groups that it is in, by name, with the one that everybody is in.
        var groupNames: [String] { (groups ?? []).compactMap(\.display) + ["account users"] }
    }

    /// What was found.
    enum Outcome: Equatable {
        /// Everything that is needed.
        case all
        /// All but these.
        case missing([String])
        /// Not all could be looked at; these were not found.
        case unknown(missing: [String], RegistryError)
    }

    /// What promptreg needs, and where: the catalog first, as nothing works without it.
    static let needed = ["USE CATALOG", "USE SCHEMA", "CREATE FUNCTION", "EXECUTE", "MANAGE"]
    /// How many groups are asked about: whoever is in more will hardly be in need of the last.
    private static let mostGroups = 50
    private static let everything = "ALL PRIVILEGES"

    let api: UnityCatalogAPI

    /// Finds out what a principal has.
    ///
    /// - Parameters:
    ///   - identity: The principal, with the groups that it is in.
    ///   - schema: The catalog and schema.
    ///   - owner: Who owns the schema, where that is known.
    ///   - proven: Privileges that it is known to have.
    /// - Returns: What it has of what is needed.
    func find(
        of identity: Identity, on schema: String, owner: String?, proven: Set<String>
    ) async -> Outcome {
        var missing = Set(Self.needed).subtracting(proven)
        let names = [identity.userName].compactMap(\.self) + identity.groupNames.prefix(Self.mostGroups)
        if let owner, names.contains(owner) { missing.formIntersection(["USE CATALOG"]) }
        var failure: RegistryError?
        for name in names where !missing.isEmpty {
            do throws(RequestFailure) {
                missing.subtract(try await privileges(of: name, on: schema))
            } catch {
                // There is no such principal for Unity Catalog, as with groups of the workspace alone.
                if error.status == 404 || error.error.code == .invalidValue, name != names.first { continue }
                failure = failure ?? error.error
                // Whoever may not see its own grants will not see those of groups.
                if name == names.first { break }
            }
        }
        let left = Self.needed.filter(missing.contains)
        if left.isEmpty { return .all }
        return failure.map { .unknown(missing: left, $0) } ?? .missing(left)
    }

    /// What a principal was granted of what is needed.
    private func privileges(of principal: String, on schema: String) async throws(RequestFailure) -> Set<
        String
    > {
        var found: Set<String> = []
        var pages = PageWalk()
        var page: Page
        repeat {
            // Zero asks for pages of the server's size, which may be empty and still not be the last.
            var query = [("principal", principal), ("max_results", "0")]
            if let token = pages.token { query.append(("page_token", token)) }
            let url = api.host.appending(
                ["api", "2.1", "unity-catalog", "effective-permissions", "schema", schema], query: query)
            page = try await api.client.send(HTTPRequest(.get, url), as: Page.self)
            for assignment in page.privilege_assignments ?? []
            where assignment.principal?.lowercased() == principal.lowercased() {
                for privilege in assignment.privileges ?? [] { found.formUnion(privilege.implied) }
            }
        } while pages.goesOn(to: page.next_page_token)
        return found
    }

    private struct Page: Decodable {
        struct Assignment: Decodable {
            let principal: String?
            let privileges: [Privilege]?
        }

        struct Privilege: Decodable {
            let privilege: String?
            let inherited_from_type: String?

            /// What it lets do of what is needed. Everything on a catalog is everything on its schemas, but managing
            /// is never among it.
            var implied: Set<String> {
                guard let name = privilege?.uppercased().replacing("_", with: " ") else { return [] }
                guard name == everything else { return [name] }
                let isOfCatalog = inherited_from_type?.uppercased() == "CATALOG"
                return Set(
                    ["USE SCHEMA", "CREATE FUNCTION", "EXECUTE"] + (isOfCatalog ? ["USE CATALOG"] : []))
            }
        }

        let privilege_assignments: [Assignment]?
        let next_page_token: String?
    }

    /// What the owner has to run for what is missing.
    ///
    /// - Parameters:
    ///   - missing: Privileges.
    ///   - schema: The catalog and schema.
    ///   - principal: Who is to have them.
    /// - Returns: Statements of SQL.
    static func statements(granting missing: [String], on schema: String, to principal: String) -> String {
        let catalog = String(schema.prefix { $0 != "." })
        let quoted = "`" + principal.replacing("`", with: "``") + "`"
        let parts =
            [("CATALOG", catalog, missing.filter { $0 == "USE CATALOG" })]
            + [("SCHEMA", schema, missing.filter { $0 != "USE CATALOG" })]
        return parts.filter { !$0.2.isEmpty }.map { kind, name, privileges in
            "GRANT \(privileges.joined(separator: ", ")) ON \(kind) \(Self.quoted(name)) TO \(quoted)"
        }.joined(separator: "; ")
    }

    /// A catalog's or schema's name as SQL has it.
    static func quoted(_ name: String) -> String {
        name.split(separator: ".").map { "`\($0)`" }.joined(separator: ".")
    }
}
