github_repository = "eigenoid/eigenoid-sample"
automation_bot    = { client_id = "Iv23automation", app_id = 123456 }
releaser_bot      = { client_id = "Iv23releaser" }
