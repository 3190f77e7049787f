/// The tags that have no body.
extension JinjaParser {
    mutating func parsePrint() throws(JinjaError) -> JinjaNode {
        var isFirst = true
        while stream.current.kind != .blockEnd {
            if !isFirst { try stream.expect(.comma, "','") }
            isFirst = false
            try parseExpression()
        }
        return .lookups(takeNames())
    }

    mutating func parseInclude(at token: JinjaToken) throws(JinjaError) -> JinjaNode {
        noteLoader("include", token)
        try parseExpression()
        if stream.isAt("ignore"), stream.isNext("missing") { stream.advance(by: 2) }
        _ = skipImportContext()
        return .lookups(takeNames())
    }

    mutating func parseExtends(at token: JinjaToken) throws(JinjaError) -> JinjaNode {
        noteLoader("extends", token)
        try parseExpression()
        return .extends(takeNames(), range: token.range)
    }

    mutating func parseImport(at token: JinjaToken) throws(JinjaError) -> JinjaNode {
        noteLoader("import", token)
        try parseExpression()
        let template = takeNames()
        try stream.expect("as")
        let name = try parseBoundName()
        _ = skipImportContext()
        return .importing(template: template, names: [name])
    }

    mutating func parseFrom(at token: JinjaToken) throws(JinjaError) -> JinjaNode {
        noteLoader("from", token)
        try parseExpression()
        let template = takeNames()
        try stream.expect("import")
        var imported: [JinjaName] = []
        while true {
            if !imported.isEmpty { try stream.expect(.comma, "','") }
            if skipImportContext() { break }
            let name = try parseBoundName()
            if name.name.hasPrefix("_") {
                throw JinjaError(message: "names that begin with '_' cannot be imported", range: name.range)
            }
            imported.append(stream.skip("as") ? try parseBoundName() : name)
            if skipImportContext() || stream.current.kind != .comma { break }
        }
        return .importing(template: template, names: imported)
    }

    /// Passes over `with context` or `without context`, if it is there.
    private mutating func skipImportContext() -> Bool {
        guard stream.isAt("with") || stream.isAt("without"), stream.isNext("context") else { return false }
        stream.advance(by: 2)
        return true
    }

    private mutating func noteLoader(_ tag: String, _ token: JinjaToken) {
        findings.append(
            .warning(
                .jinjaLoader, "MLflow renders a prompt by itself, so '\(tag)' finds no other template",
                at: token.range, help: "put the other template's text here"))
    }
}
