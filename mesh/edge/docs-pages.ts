/** The page of Swagger UI. */
export const swaggerPage = page("Mizan API", [
  '<link rel="stylesheet" href="/api/docs/swagger-ui.css">',
  '<script defer src="/api/docs/swagger-ui-bundle.js"></script>',
  '<script defer src="/api/docs/start.js"></script>',
]);

/** Starts Swagger UI; who executes Login there is signed in for the other methods. */
export const swaggerStart = `
const ui = SwaggerUIBundle({
  url: "/api/schema",
  dom_id: "#page",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  responseInterceptor: (response) => {
    if (response.ok && /Service\\/(Login|RefreshSession)$/.test(response.url)) {
      const { accessToken } = JSON.parse(response.text);
      ui.preauthorizeApiKey("token", accessToken);
    }
    return response;
  },
});
`;

/** The page of Redoc. */
export const redocPage = page("Mizan API reference", [
  '<script defer src="/api/redoc/redoc.js"></script>',
  '<script defer src="/api/redoc/start.js"></script>',
]);

/** Starts Redoc. */
export const redocStart = `
const place = document.getElementById("page");
Redoc.init("/api/schema", { expandResponses: "200", hideHostname: true }, place);
`;

function page(title: string, head: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
${head.join("\n")}
</head>
<body><div id="page"></div></body>
</html>
`;
}
