"""The seeds' own load test: 1,000 users who send normal and express messages and look at balance and statistics.

    BENCH_KEYS=FILE locust -f load/locustfile.py --headless -u 1000 -r 100 -t 47s -H http://127.0.0.1:8080

FILE lists API keys, one a line; the users take them in turn. `./bench locust` runs it.
"""

import itertools
import os
import uuid

from locust import HttpUser, between, task

with open(os.environ["BENCH_KEYS"], encoding="ascii") as file:
    KEYS = itertools.cycle(file.read().split())


class Customer(HttpUser):
    wait_time = between(0.5, 2)

    def on_start(self):
        self.client.headers["X-Api-Key"] = next(KEYS)

    def send(self, priority):
        self.client.post(
            "/api/sms/send/",
            json={"recipient": "+447700900123", "message": "Hello from Locust", "priority": priority},
            headers={"X-Request-ID": str(uuid.uuid4())},
            name=f"send {priority}",
        )

    @task(10)
    def send_normal(self):
        self.send("normal")

    @task(3)
    def send_express(self):
        self.send("express")

    @task(5)
    def balance(self):
        self.client.get("/api/credits/balance/", name="balance")

    @task(1)
    def statistics(self):
        self.client.get("/api/sms/statistics/", name="statistics")
