package import Diagnostics
import Support

/// A variable that a job declares for a template, and where it does.
package struct DeclaredVariable: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The place in the job file.
    package var location: SourceLocation
    /// Whether a template that does not use it is no error.
    package var isOptional: Bool
    /// Whether it stands for its members, too: `user` for `user.name`.
    package var hasMembers: Bool

    /// A declaration.
    package init(
        name: String, location: SourceLocation, isOptional: Bool = false, hasMembers: Bool = false
    ) {
        self.isOptional = isOptional
        self.hasMembers = hasMembers
        self.name = name
        self.location = location
    }
}

extension TemplateAnalysis {
    /// Compares the variables that a job declares with those that the template uses.
    ///
    /// - Parameters:
    ///   - declared: The declared variables, in the job's order.
    ///   - declarer: What declares them, in a message.
    /// - Returns: An error for each variable that only one side has.
    package func check(
        contract declared: [DeclaredVariable], by declarer: String = "the job"
    ) -> [Diagnostic] {
        if syntax == .none { return declared.map(Self.hasNoVariables) }
        // Most contracts hold, which takes no sets to see.
        if declared.lazy.map(\.name).elementsEqual(variables.lazy.map(\.name)) { return [] }
        var declaredNames: Set<String> = []
        var result: [Diagnostic] = []
        var distinct: [DeclaredVariable] = []
        for variable in declared {
            if declaredNames.insert(variable.name).inserted {
                distinct.append(variable)
            } else {
                result.append(
                    .error(
                        .duplicateVariable, "'\(variable.name)' is declared twice", at: variable.location,
                        length: variable.name.unicodeScalars.count))
            }
        }
        let roots = Set(distinct.filter(\.hasMembers).map(\.name))
        let used = variables.map { variable in
            var variable = variable
            let root = variable.name.prefix { $0 != "." }
            if roots.contains(String(root)) { variable.name = String(root) }
            return variable
        }
        let usedNames = Set(used.map(\.name))
        let unused = distinct.filter { !usedNames.contains($0.name) && !$0.isOptional }
        let undeclared = used.filter { !declaredNames.contains($0.name) && !$0.isOptional }
        let unusedNames = Set(unused.map(\.name))
        var hints = NameHints()
        result += undeclared.map { Self.isUndeclared($0, unused: unusedNames, by: declarer, &hints) }
        // The part of the template that could not be read may use the others.
        if isComplete {
            hints = NameHints()
            result += unused.map { Self.isUnused($0, undeclared: undeclared, by: declarer, &hints) }
        }
        return result
    }

    private static func hasNoVariables(_ variable: DeclaredVariable) -> Diagnostic {
        .error(
            .unusedVariable,
            "'\(variable.name)' is declared, but a template of syntax 'none' has no variables",
            at: variable.location, length: variable.name.unicodeScalars.count,
            help: "leave 'variables' out, or set 'syntax' to mustache, python or jinja2")
    }

    private static func isUndeclared(
        _ variable: TemplateVariable, unused: Set<String>, by declarer: String, _ hints: inout NameHints
    ) -> Diagnostic {
        let root = variable.name.split(separator: ".").first.map(String.init)
        let near = hints.nearest(to: variable.name, in: unused.sorted())
        let help =
            if let near {
                "did you mean '\(near)', which \(declarer) declares?"
            } else if root.map(unused.contains) ?? false {
                "MLflow's variables are whole names: declare '\(variable.name)' instead of its first part"
            } else {
                "add '\(variable.name)' to the prompt's 'variables' in \(declarer)"
            }
        return .error(
            .undeclaredVariable, "the template uses '\(variable.name)', which \(declarer) does not declare",
            at: variable.location, length: variable.name.unicodeScalars.count, help: help)
    }

    private static func isUnused(
        _ variable: DeclaredVariable, undeclared: [TemplateVariable], by declarer: String,
        _ hints: inout NameHints
    ) -> Diagnostic {
        let near = hints.nearest(to: variable.name, in: undeclared.lazy.map(\.name))
        return .error(
            .unusedVariable, "\(declarer) declares '\(variable.name)', which the template does not use",
            at: variable.location, length: variable.name.unicodeScalars.count,
            help: near.map { "did you mean '\($0)', which the template uses?" })
    }
}
