package bookinfo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

type failure struct {
	Error string `json:"error"`
}

// book is the response of details; the order of the fields matters.
type book struct {
	ID        int    `json:"id"`
	Author    string `json:"author"`
	Year      int    `json:"year"`
	Type      string `json:"type"`
	Pages     int    `json:"pages"`
	Publisher string `json:"publisher"`
	Language  string `json:"language"`
	ISBN10    string `json:"ISBN-10"`
	ISBN13    string `json:"ISBN-13"`
}

func details() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "Details is healthy"})
	})
	mux.HandleFunc("/details/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			writeJSON(w, http.StatusBadRequest, failure{"please provide numeric product id"})
			return
		}
		writeJSON(w, http.StatusOK, book{
			id, "William Shakespeare", 1595, "paperback", 200, "PublisherA", "English",
			"1234567890", "123-1234567890",
		})
	})
	return mux
}

type rated struct {
	ID      int            `json:"id"`
	Ratings map[string]int `json:"ratings"`
}

// ratings keeps posted ratings for the lifetime of its Pod.
func ratings() http.Handler {
	var posted sync.Map
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "Ratings is healthy"})
	})
	mux.HandleFunc("GET /ratings/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			writeJSON(w, http.StatusBadRequest, failure{"please provide numeric product ID"})
			return
		}
		if kept, ok := posted.Load(id); ok {
			writeJSON(w, http.StatusOK, kept)
			return
		}
		writeJSON(w, http.StatusOK, rated{id, map[string]int{"Reviewer1": 5, "Reviewer2": 4}})
	})
	mux.HandleFunc("POST /ratings/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			writeJSON(w, http.StatusBadRequest, failure{"please provide numeric product ID"})
			return
		}
		given := rated{ID: id}
		if err := json.NewDecoder(r.Body).Decode(&given.Ratings); err != nil {
			writeJSON(w, http.StatusBadRequest, failure{"please provide valid ratings JSON"})
			return
		}
		posted.Store(id, given)
		writeJSON(w, http.StatusOK, given)
	})
	return mux
}

type reviewed struct {
	ID          string   `json:"id"`
	PodName     string   `json:"podname"`
	ClusterName string   `json:"clustername"`
	Reviews     []review `json:"reviews"`
}

type review struct {
	Reviewer string  `json:"reviewer"`
	Text     string  `json:"text"`
	Rating   *rating `json:"rating,omitempty"`
}

type rating struct {
	Stars int    `json:"stars,omitempty"`
	Color string `json:"color,omitempty"`
	Error string `json:"error,omitempty"`
}

// reviews without a star color is v1, which does not call ratings.
func reviews(pod, color string, client *http.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "Reviews is healthy"})
	})
	mux.HandleFunc("GET /reviews/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		answer := reviewed{ID: fmt.Sprint(id), PodName: pod, ClusterName: "null", Reviews: []review{
			{Reviewer: "Reviewer1", Text: "An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!"},
			{Reviewer: "Reviewer2", Text: "Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare."},
		}}
		if color != "" {
			stars := askRatings(client, id, r)
			for i := range answer.Reviews {
				answer.Reviews[i].Rating = &rating{Error: "Ratings service is currently unavailable"}
				if n, ok := stars[answer.Reviews[i].Reviewer]; ok {
					answer.Reviews[i].Rating = &rating{Stars: n, Color: color}
				}
			}
		}
		writeJSON(w, http.StatusOK, answer)
	})
	return mux
}

func askRatings(client *http.Client, id int, served *http.Request) map[string]int {
	response, err := get(client, fmt.Sprintf("http://ratings:%d/ratings/%d", port, id), served)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	var answer rated
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&answer) != nil {
		return nil
	}
	return answer.Ratings
}

// starLine draws n of five stars.
func starLine(n int) string {
	return strings.Repeat("★", n) + strings.Repeat("☆", max(0, 5-n))
}
