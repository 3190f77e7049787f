import Diagnostics

/// The names that values cannot be passed by, as MLflow's own functions have parameters of these names.
///
/// `PromptVersion.format(self, allow_partial, use_jinja_sandbox, **kwargs)` passes the values on to
/// `format_prompt(prompt, **values)`, or to Jinja2. `allow_partial` is there from MLflow 2.21 on, `prompt` from 3.2 on and
/// `use_jinja_sandbox` from 3.7 on.
enum FormatParameters {
    private static let always: Set<String> = ["self", "allow_partial", "use_jinja_sandbox"]

    /// Finds the variables that MLflow cannot fill in for their names, each where it is used first.
    static func findings(_ variables: [FoundName], rendersAsJinja: Bool) -> [Finding] {
        var seen: Set<String> = []
        return variables.sorted { $0.offset < $1.offset }.compactMap { variable in
            let isTaken = always.contains(variable.name) || !rendersAsJinja && variable.name == "prompt"
            guard isTaken, seen.insert(variable.name).inserted else { return nil }
            return .error(
                .reservedVariable,
                "MLflow cannot fill in '\(variable.name)': its format() has a parameter of that name",
                at: variable.range, help: "call it 'the_\(variable.name)', for example")
        }
    }
}
