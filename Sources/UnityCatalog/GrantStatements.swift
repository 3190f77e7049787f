/// The statements of SQL that grant privileges.
package enum GrantStatements {
    /// The statements that a schema's owner has to run.
    ///
    /// - Parameters:
    ///   - missing: The privileges to grant.
    ///   - schema: The catalog and schema.
    ///   - principal: Who is to have them.
    /// - Returns: Statements of SQL.
    package static func granting(
        _ missing: [String], on schema: String, to principal: String
    ) -> String {
        let catalog = String(schema.prefix { $0 != "." })
        let quotedPrincipal = "`" + principal.replacing("`", with: "``") + "`"
        let parts =
            [("CATALOG", catalog, missing.filter { $0 == "USE CATALOG" })]
            + [("SCHEMA", schema, missing.filter { $0 != "USE CATALOG" })]
        return parts.filter { !$0.2.isEmpty }.map { kind, name, privileges in
            "GRANT \(privileges.joined(separator: ", ")) ON \(kind) \(quoted(name)) TO \(quotedPrincipal)"
        }.joined(separator: "; ")
    }

    /// A catalog's or schema's name as SQL writes it.
    static func quoted(_ name: String) -> String {
        name.split(separator: ".").map { "`\($0)`" }.joined(separator: ".")
    }
}
