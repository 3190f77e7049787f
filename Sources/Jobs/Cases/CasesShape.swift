/// The keys of a file with cases: the one place that knows them.
enum CasesShape {
    /// One case.
    static let item = ObjectShape(
        what: "a case",
        fields: [
            Field("name", .text, "What the case is called in reports."),
            Field("prompt", .text, "The prompt: its name in the job, or its full name.", isRequired: true),
            Field("values", .map(key: .anyName, value: .scalarText), "The values of its variables."),
            Field("checks", .object(checks), "What the answer has to be like.", isRequired: true),
        ])

    private static let checks = ObjectShape(
        what: "a list of checks", isFilled: true,
        fields: [
            Field("contains", .oneOrMany(.filledText), "Texts that are in the answer."),
            Field("not_contains", .oneOrMany(.filledText), "Texts that are not in the answer."),
            Field("equals", .text, "The whole answer, blanks at the ends aside."),
            Field(
                "matches", .oneOrMany(.filledText),
                "Regular expressions that match somewhere in the answer."),
            Field(
                "json_schema", .pathOrObject,
                "The JSON Schema of the answer, or the path of a JSON file relative to this one."),
            Field("max_seconds", .number(positive), "The most seconds that the answer may take."),
            Field("max_tokens", .number(positive), "The most tokens of the request and the answer."),
            Field("max_cost", .number(positive), "The most dollars that the answer may cost."),
        ])

    private static let positive = NumberRange(minimum: 0, excludesMinimum: true)
}

extension TextPattern {
    /// Any name.
    static let anyName = TextPattern(expression: "^.+$") { $0.isEmpty ? "a name is empty" : nil }
}
