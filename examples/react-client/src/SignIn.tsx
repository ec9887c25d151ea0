import { useState, type ReactNode } from "react";

/** Takes a token as `noctule token create` prints it. */
export function SignIn({ onToken }: { onToken: (token: string) => void }): ReactNode {
  const [token, setToken] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onToken(token.trim());
      }}
    >
      <label>
        Token <input data-testid="token" type="password" autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} />
      </label>
      <button type="submit" data-testid="sign-in" disabled={token.trim() === ""}>
        Sign in
      </button>
    </form>
  );
}
