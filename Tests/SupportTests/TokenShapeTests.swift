import Support
import Testing

@Suite struct TokenShapeTests {
    @Test(arguments: [
        "dapi0123456789abcdef0123456789abcdef", "dapi0123456789abcdef0123456789abcdef-3",
        "dose0123456789abcdef0123456789abcdef", "DAPI0123456789ABCDEF0123456789ABCDEF",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345", "github_pat_11ABCDEFG0abcdefghijkl_0123456789abcdef",
        "glpat-0123456789abcdefGHIJ", "sk-0123456789abcdefghij0123", "sk-proj-abc0123456789DEFghij_klm",
        "AKIA0123456789ABCDEF", "aQ8x7Zr7mWk4Lp9aBcD2FgHiJkLm",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlMTIzNDU2",
    ])
    func tokensAreHidden(_ token: String) {
        #expect(token.hasToken)
        for (before, after) in [
            ("", ""), ("unknown flag '", "'"), ("https://", ":5000/api"), ("no profile '", "' in x"),
            ("file:/a/", "/b"),
        ] {
            #expect((before + token + after).hidingTokens == before + "•••" + after)
        }
    }

    @Test func aTokenThatIsTakenForAFlagIsHidden() {
        #expect("no flag '--dapi0123456789abcdef0123456789abcdef'".hidingTokens == "no flag '•••'")
    }

    @Test(arguments: [
        "", "dapi", "the profile 'production' of the Databricks configuration",
        "https://adb-1234567890123456.7.azuredatabricks.net/ml/prompts",
        "file:/home/me/sk-learn-prompts-for-agents",
        "main.agents.prompt_intent_classifier_2024_experiments", "0123456789abcdef0123456789abcdef01234567",
        "dapi-documentation-and-more", "eyJust.words", "S3BucketPolicy2024ReviewerAgent1",
        "HealthMonitorAgentVersion2PromptForProduction",
    ])
    func wordsAreShown(_ text: String) {
        #expect(text.hidingTokens == text && !text.hasToken)
    }
}
